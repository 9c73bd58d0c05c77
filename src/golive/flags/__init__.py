"""Yellow flags and gates: what speaks against going live, from plan, graph, evidence and history. Pure.

``golive.flags.all`` names the rules, each in a module of its own; ``golive.flags.judge`` asks all of them.
"""
