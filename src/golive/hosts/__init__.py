"""How golive talks to one host.

    interface.py   Host, the transport: run shell text with root rights, bytes in, bytes out
    local.py       LocalHost: this machine, for tests and for a host that is the controller itself
    target.py      Target: where a host is and how to log in (costs nothing to import)
    connect.py     one verified SSH connection, and every foreign error translated
    ssh.py         SshHost: the transport over one kept connection; login_works
    keys.py        the key that a host offers, for `golive trust`
    attempts.py    Attempt, Claim, Report: what is executed, by whom, and what became of it
    framing.py     pure: the command and stdin of each request, and the strict reading of answers
    protocol.sh    what runs on the host: claim, detach, follow, judge
    witness.py     Witness: execute, probe, follow, remove

Only ``connect.py``, ``ssh.py`` and ``keys.py`` import asyncssh, which takes half a second.
"""
