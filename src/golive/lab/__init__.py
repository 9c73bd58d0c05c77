"""Throw-away Debian hosts on one machine, to try a plan on: systemd as PID 1, sshd, an address of their own.

lab.py         Lab: up, down, cut, limit, reboot, exec; reads like the runbook
spec.py        what the user wrote (pure); load.py reads it from YAML with file:line
names.py       the names a lab takes on this machine, from its state directory (pure)
network.py     networkd units, /etc/hosts, nftables and tc as text and argv (pure)
wire.py        puts the network's text into the kernel
image.py       base images, built once by mmdebstrap
root.py        a host's root: an overlay over an image, with an identity of its own
machine.py     a host's processes: started by systemd-nspawn, ended for certain
state.py       what is remembered between commands: records, lock
outer.py       this machine: its tools, its apt mirrors, its resolver
shell.py       running commands; mounts.py: mounting and, above all, unmounting
"""

from golive.lab.lab import Lab, LabHost, default_state_dir
from golive.lab.load import load_spec
from golive.lab.spec import HostSpec, LabSpec

__all__ = ["HostSpec", "Lab", "LabHost", "LabSpec", "default_state_dir", "load_spec"]
