"""What probably made a step fail, and what helps: a table of patterns over what the step said. Pure.

Hints are guesses, and are shown as such, beside what was really said. The first that fits is the answer: what is
special stands above what is general. Cases for the table are data: ``tests/unit/reconcile/hints.yaml``.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Hint:
    """A pattern in what a failed step said, what it probably means, and what to do about it."""

    pattern: re.Pattern[str]
    cause: str
    remedy: str


def _hint(pattern: str, cause: str, remedy: str) -> Hint:
    return Hint(re.compile(pattern, re.IGNORECASE), cause, remedy)


HINTS = (
    _hint(r"No space left on device", "a disk is full", "on the host: df -h, and make room"),
    _hint(r"Disk quota exceeded", "a quota is used up", "on the host: quota, or another place for the files"),
    _hint(r"Read-only file system", "a file system was mounted read-only, often after a disk error",
          "on the host: findmnt -lo TARGET,OPTIONS, and dmesg"),
    _hint(r"Could not get lock|dpkg frontend lock|is another process using it", "another package manager is at work",
          "on the host: ps -C apt-get,dpkg,unattended-upgr; wait for its end, then retry"),
    _hint(r"dpkg was interrupted", "an earlier installation was cut off", "on the host: dpkg --configure -a"),
    _hint(r"Unable to locate package|has no installation candidate", "the host's package sources do not have it",
          "look at the name; add an apt-repository before it, or put it on the mirror"),
    _hint(r"NO_PUBKEY|signatures couldn't be verified", "the key of a package source is missing or has expired",
          "renew the key: of its apt-repository"),
    _hint(r"Temporary failure in name resolution|Could not resolve|Temporary failure resolving",
          "a name cannot be resolved from there", "on the host: getent hosts NAME, and /etc/resolv.conf"),
    _hint(r"certificate (verify failed|has expired|is not yet valid)", "a certificate does not hold",
          "compare the clock and the dates: openssl x509 -noout -dates -in FILE"),
    _hint(r"is not what the lock says|has not the checksum of the lock", "an artifact was changed after it was locked",
          "golive gather fetches it again; if the new one is wanted, put its artifacts.lock under review"),
    _hint(r"haproxy refuses the new configuration", "HAProxy does not accept its configuration; nothing was changed",
          "the lines above name file and line; on the host: haproxy -c -f /etc/haproxy/haproxy.cfg"),
    _hint(r"no section '", "the front door's configuration has another name for it", "compare the name in the plan"),
    _hint(r"the content differs", "something still wrote to the old system while it was copied",
          "look for writers that the fence does not hold: other clients, jobs, replication"),
    _hint(r"prepared transactions could still commit", "prepared transactions are open on the old database",
          "on the host: SELECT gid FROM pg_prepared_xacts; commit or roll them back"),
    _hint(r"password authentication failed|no password supplied", "PostgreSQL does not take the password",
          "compare the secret with what the database has"),
    _hint(r"no pg_hba\.conf entry", "PostgreSQL does not let this address in", "add it to pg_hba.conf, and reload"),
    _hint(r"is being accessed by other users", "somebody is connected to the database",
          "on the host: SELECT pid, application_name FROM pg_stat_activity, and end them"),
    _hint(r"role \"[^\"]+\" does not exist|database \"[^\"]+\" does not exist",
          "the database does not have what it was asked for", "is what makes it among needs:?"),
    _hint(r"reverted by the host itself", "the change would have locked golive out, and the host took it back",
          "change the plan so that the login still works afterwards, then golive amend"),
    _hint(r"a password is required|not in the sudoers", "the login has no sudo without a password",
          "give it a sudo rule, or log in as root"),
    _hint(r"host key", "the host is not the one that was trusted, or was installed anew",
          "compare its key over another way; then golive trust"),
    _hint(r"Unit \S+ (not found|could not be found|does not exist)|Failed to (start|restart) \S+: Unit",
          "systemd does not know the unit", "is its file installed before the service, under the same name?"),
    _hint(r"Address already in use|already in use by", "another process holds the port", "on the host: ss -ltnp"),
    _hint(r"Out of memory|Cannot allocate memory|oom-kill", "the host ran out of memory",
          "on the host: free -m, dmesg"),
    _hint(r"exit 137|\bKilled\b", "it was killed, perhaps for want of memory", "on the host: dmesg, journalctl -k"),
    _hint(r"after \d+ s\b.*still runs|not started: .* still runs", "an earlier script still runs on the host",
          "golive status says which; wait for its end, then retry"),
    _hint(r"Connection timed out|No route to host|Network is unreachable|does not answer",
          "there is no way to a host or a service: it is down, or a firewall stands between",
          "is it up? from the host that said so: nc -vz ADDRESS PORT"),
    _hint(r"Connection refused|got 000", "nothing listens there: the service is not up, or listens elsewhere",
          "on that host: systemctl status, journalctl -u, ss -ltnp"),
    _hint(r"expected \d+, got 50[234]", "the front door found no server behind it that works",
          "on the new hosts: systemctl status, journalctl -u; from the front door: curl -v"),
    _hint(r"expected \d+, got 40[13]", "it was reached and not let in", "look at credentials and access rules"),
    _hint(r"expected \d+, got 404", "it was reached, and there is no such page", "look at the path of the check"),
    _hint(r"Permission denied", "a file or a directory may not be used by who tried",
          "on the host: namei -l PATH, and id USER"),
    _hint(r": not found$|command not found|exit 127", "a command is not there", "add its package to the baseline"),
    _hint(r"No such file or directory", "a file is not there that was counted on",
          "is what makes it declared before, or among needs:?"),
    _hint(r"not healthy within", "it did not become healthy in time",
          "on the host: journalctl -u SERVICE; or give it more time by within:"),
)  # fmt: skip


def hint(said: str) -> Hint | None:
    """The first hint that fits what a step said: its note and its output."""
    return next((one for one in HINTS if one.pattern.search(said)), None)
