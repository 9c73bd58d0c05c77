"""The desired state as each tool wants it written: files by name. Pure."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.desired import Desired

Files = Mapping[str, str]


@dataclass(frozen=True)
class Address:
    """Where a host of the lab is reached."""

    name: str
    address: str
    port: int = 22


def plan(desired: Desired, hosts: Sequence[Address], key: str) -> Files:
    """A plan of golive: one role with this baseline. JSON is YAML."""
    baseline = [
        *({"directory": path} for path in desired.directories),
        *({"file": path, "content": content} for path, content in desired.files),
        *({"user": name} for name in desired.users),
        *({"package": name} for name in desired.packages),
        *({"service": name} for name in desired.services),
    ]
    places = {host.name: {"address": host.address, "port": host.port, "role": "app"} for host in hosts}
    written = {
        "golive": 1,
        "solution": {"name": "bench", "version": "1"},
        "access": {"team": {"user": "root", "identity": key}},
        "roles": {"app": {"baseline": baseline}},
        "sites": {"lab": {"hosts": places}},
    }
    return {"golive.yaml": json.dumps(written, indent=1)}


def ansible(desired: Desired, hosts: Sequence[Address], key: str) -> Files:
    """A playbook, with what makes Ansible quick: pipelining, kept connections, a fork for each host, no facts."""
    tasks = [
        *({"file": {"path": path, "state": "directory", "mode": "0755"}} for path in desired.directories),
        *({"copy": {"dest": path, "content": content, "mode": "0644"}} for path, content in desired.files),
        *({"user": {"name": name, "shell": "/usr/sbin/nologin", "create_home": False}} for name in desired.users),
        *({"apt": {"name": name, "state": "present"}} for name in desired.packages),
        *({"systemd_service": {"name": name, "state": "started"}} for name in desired.services),
    ]
    named = [{f"ansible.builtin.{module}": options for module, options in task.items()} for task in tasks]
    login = f"ansible_user=root ansible_ssh_private_key_file={key} ansible_python_interpreter=/usr/bin/python3"
    inventory = [f"{host.name} ansible_host={host.address} ansible_port={host.port} {login}" for host in hosts]
    ssh = "-o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
    configuration = [
        *("[defaults]", "inventory=inventory.ini", "host_key_checking=False", f"forks={len(hosts)}"),
        *("[ssh_connection]", "pipelining=True", f"ssh_args={ssh}"),
    ]
    return {
        "play.yml": json.dumps([{"hosts": "all", "gather_facts": False, "tasks": named}], indent=1),
        "inventory.ini": "\n".join(["[all]", *inventory, ""]),
        "ansible.cfg": "\n".join([*configuration, ""]),
    }


def pyinfra(desired: Desired, hosts: Sequence[Address], key: str) -> Files:
    """A deploy of pyinfra and its inventory."""
    lines = [
        "from io import StringIO",
        "from pyinfra.operations import apt, files, server, systemd",
        *(f"files.directory(path={path!r}, mode='755')" for path in desired.directories),
        *(f"files.put(src=StringIO({content!r}), dest={path!r}, mode='644')" for path, content in desired.files),
        *(f"server.user(user={name!r}, shell='/usr/sbin/nologin', ensure_home=False)" for name in desired.users),
        *(f"apt.packages(packages=[{name!r}])" for name in desired.packages),
        *(f"systemd.service(service='{name}.service', running=True)" for name in desired.services),
    ]
    login = {"ssh_user": "root", "ssh_key": key, "ssh_strict_host_key_checking": "off"}
    inventory = [
        (host.name, login | {"ssh_hostname": host.address, "ssh_port": host.port, "ssh_known_hosts_file": "/dev/null"})
        for host in hosts
    ]
    return {"deploy.py": "\n".join([*lines, ""]), "inventory.py": f"hosts = {inventory!r}\n"}


_BARE = """\
import asyncio
import sys
from pathlib import Path

import asyncssh

HOSTS = {hosts!r}
SCRIPT = Path("bare.sh").read_text()


async def one(address, port):
    options = {{"username": "root", "client_keys": [{key!r}], "known_hosts": None}}
    async with asyncssh.connect(address, port=port, **options) as connection:
        return (await connection.run("sh -s", input=SCRIPT)).stdout.split()


async def main():
    said = sum(await asyncio.gather(*(one(*host) for host in HOSTS)), [])
    print(said.count("ok"), "ok,", said.count("changed"), "changed")
    sys.exit(0 if len(said) == len(HOSTS) * {size} else 1)


asyncio.run(main())
"""


def bare(desired: Desired, hosts: Sequence[Address], key: str) -> Files:
    """What a person would write in sh for this one task, sent over one channel of asyncssh to each host."""
    places = [(host.address, host.port) for host in hosts]
    lines = (f"if {check}; then echo ok; else {mend} && echo changed; fi\n" for _, check, mend in steps(desired))
    return {"bare.sh": "".join(lines), "bare.py": _BARE.format(hosts=places, key=key, size=desired.size)}


def proof(desired: Desired) -> str:
    """Shell text that names on stdout what is not as it should be; it shares no line with golive."""
    return "".join(f"{check} || echo '{title}'\n" for title, check, _ in steps(desired))


def steps(desired: Desired) -> Iterator[tuple[str, str, str]]:
    """Title, check and mending of each resource, naively in shell."""
    for path in desired.directories:
        yield f"directory {path}", f"[ -d {path} ] && [ $(stat -c %a {path}) = 755 ]", _directory(path)
    for path, content in desired.files:
        digest = hashlib.sha256(content.encode()).hexdigest()
        same = f"[ $(sha256sum <{path} | cut -c1-64) = {digest} ] && [ $(stat -c %a {path}) = 644 ]"
        yield f"file {path}", f"[ -f {path} ] && {same}", _file(path, content)
    for name in desired.users:
        yield f"user {name}", f"getent passwd {name} >/dev/null", f"useradd -M -s /usr/sbin/nologin {name}"
    for name in desired.packages:
        asked = f"dpkg-query -W -f '${{Status}}\\n' {name} 2>/dev/null"
        yield f"package {name}", f"{asked} | grep -q 'ok installed'", f"apt-get install -qy {name} >/dev/null"
    for name in desired.services:
        yield f"service {name}", f"systemctl is-active -q {name}", f"systemctl start {name}"


def _directory(path: str) -> str:
    return f"mkdir -p {path} && chmod 755 {path}"


def _file(path: str, content: str) -> str:
    # In braces, or what follows the here-document would stand on its last line.
    return f"{{ cat >{path}.new <<'END'\n{content}END\n}} && chmod 644 {path}.new && mv {path}.new {path}"
