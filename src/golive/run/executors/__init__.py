"""Executors: the outer half of a step's kind, one for each ``Action.kind``.

interface.py   Job, Result, Executor
script.py      a script on a host, under the witness protocol
confirm.py     what a script has armed, by a new login
survey.py      facts of a host against the architecture
deliver.py     artifacts from the controller to a host
gather.py      artifacts to the controller
login.py       a login that must work, or must be refused
guide.py       the Deployment Guide
"""
