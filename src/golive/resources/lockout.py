"""Pure: which changes can lock golive out of a host, and what must be done so that they, or their end, take effect.

A change is named by the resource's kind and its main value, such as ``file /etc/ssh/sshd_config.d/site.conf``. It can
lock golive out when one of these holds:

1. Its kind is made for that: ``firewall``, ``sudo-rule``, ``authorized-key``.
2. Its path lies where logins, sudo, name services, PAM, the network or packet filters are configured, in a directory
   ``.ssh``, or is the home directory of root or of golive's login; a ``directory`` or ``mount`` also above those.
3. Its unit is sshd, the network or a packet filter; a drop-in or a unit of those likewise.
4. It is the user or group by whose name golive logs in, root, sudo or wheel, or a parameter ``net.*`` of the kernel.

What such a change hears of (``restart_on``) counts with it: see ``Guard.among``. What the rule does not see: commands,
packages, what a login's shell reads (``.bashrc``), and files in places of the author's own that nothing hears of.
"""

import posixpath
import re
from collections.abc import Sequence
from functools import lru_cache

from golive.resources.sh import quote

_KINDS = frozenset({"firewall", "sudo-rule", "authorized-key"})
_UNITS = frozenset({"service", "unit", "drop-in", "timer"})
_PATHS = (
    *("/etc/ssh", "/etc/sudo", "/etc/doas", "/etc/pam.d", "/etc/security", "/etc/nsswitch.conf", "/etc/login.defs"),
    *("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/shells", "/etc/nologin", "/etc/sssd"),
    *("/etc/hosts.allow", "/etc/hosts.deny", "/etc/crypto-policies", "/etc/default/ssh"),
    *("/etc/fstab", "/etc/sysctl", "/etc/wireguard"),
    *("/etc/network", "/etc/netplan", "/etc/systemd/network", "/etc/NetworkManager", "/etc/iproute2"),
    *("/etc/nftables", "/etc/golive-nft", "/etc/iptables", "/etc/ufw", "/etc/firewalld", "/etc/fail2ban"),
)
"""Beginnings of paths."""
_UNIT = re.compile(
    r"(ssh|sshd|sshd-session|systemd-logind|sssd"
    r"|networking|network|ifup|wg-quick|systemd-networkd|NetworkManager|wpa_supplicant"
    r"|nftables|iptables|netfilter-persistent|ufw|firewalld|golive-nft-[^./]*)"
    r"(@[^./]*)?(\.(service|socket|target|path|timer))?"
)
_UNIT_FILE = re.compile(r"/(etc|run|usr/lib|lib)/systemd/system/([^/]+?)(\.d)?(/.*)?")
_DOT_SSH = re.compile(r".*/\.ssh(/.*)?")


@lru_cache(maxsize=4096)
def locks_out(kind: str, main: str, login: str = "") -> bool:
    """Whether a mistake in such a change can lock golive out.

    Args:
        kind: the resource's kind.
        main: its main value.
        login: the user as whom golive logs in, as far as the plan says.
    """
    if main.startswith("/"):
        return _path_locks_out(_normal(main), login) or (kind in ("directory", "mount") and _lies_above(main))
    if kind in _UNITS:
        return _UNIT.fullmatch(main) is not None
    if kind == "sysctl":
        return main.startswith(("net.", "net/"))
    return kind in _KINDS or (kind in ("user", "group") and main in (login, "root", "sudo", "wheel"))


def _normal(path: str) -> str:
    return "/" + posixpath.normpath(path).lstrip("/")


def _path_locks_out(path: str, login: str) -> bool:
    unit = _UNIT_FILE.fullmatch(path)
    homes = {"/root", f"/home/{login}"} if login else {"/root"}
    return (
        path.startswith(_PATHS)
        or path in homes
        or _DOT_SSH.fullmatch(path) is not None
        or (unit is not None and _UNIT.fullmatch(unit[2]) is not None)
    )


def _lies_above(path: str) -> bool:
    above = _normal(path).rstrip("/") + "/"
    return any(one.startswith(above) for one in ("/root", "/home/", "/etc/ssh"))


_SSHD_READS = """for unit in ssh sshd; do
  if systemctl is-active -q "$unit"; then systemctl reload "$unit" || return 1; break; fi
done
"""
# What died of the change, or could not start at boot, runs again; what is still starting with it begins anew. Never by
# a reload: sshd that dies while one runs stays "reloading" (systemd 257), and a further one waits with it for 90 s and
# fails. Sessions outlive a restart: sshd's units have KillMode=process.
_SSHD_AGAIN = """for unit in ssh.socket ssh sshd; do
  if grep -qx "$unit" "$former/active"; then
    systemctl reset-failed "$unit" 2>/dev/null || :
    systemctl restart "$unit"
    [ "$unit" = ssh.socket ] || break  # sshd is an alias of ssh
  fi
done
"""
_NETWORK_AGAIN = """for unit in networking systemd-networkd; do
  if grep -qx "$unit" "$former/active"; then
    systemctl reset-failed "$unit" 2>/dev/null || :
    systemctl restart "$unit"
  fi
done
if [ -d /etc/netplan ] && command -v netplan >/dev/null; then netplan apply; fi
"""
_KEEP_RUNNING = """if [ ! -e "$former/active" ]; then
  set -- ssh.socket ssh sshd networking systemd-networkd
  systemctl is-active "$@" | while read -r state; do
    [ "$state" != active ] || echo "$1"
    shift
  done > "$former/active.new"
  mv "$former/active.new" "$former/active"
fi
"""
_KEEP_RULES = """if command -v nft >/dev/null && [ ! -e "$former/ruleset" ]; then
  nft list ruleset > "$former/ruleset.new"
  mv "$former/ruleset.new" "$former/ruleset"
fi
"""
_PUT_BACK_RULES = """if [ -e "$former/ruleset" ]; then
  { echo 'flush ruleset'; cat "$former/ruleset"; } | nft -f -
fi
"""

_SSHD, _NETWORK = ("/etc/ssh", "/etc/default/ssh"), ("/etc/network", "/etc/netplan", "/etc/systemd/network")

Changes = Sequence[tuple[str, str]]
"""Kinds with their main values."""


def _any_below(changes: Changes, *paths: str) -> bool:
    return any(main.startswith("/") and _normal(main).startswith(paths) for _, main in changes)


def _rules(changes: Changes) -> bool:
    return _any_below(changes, "/etc/nftables") or any(main.split(".")[0] == "nftables" for _, main in changes)


def to_prove(changes: Changes) -> str:
    """Shell text, the body of a function: what runs reads what was changed, or a login would prove nothing. Fails
    when it does not accept it. Network and packet filters are not touched: for those the plan names the service.
    """
    return _SSHD_READS if _any_below(changes, *_SSHD) else ""


def to_keep(changes: Changes) -> str:
    """Shell text that saves in ``"$former"`` what is live beside the files."""
    return (_KEEP_RUNNING if _any_below(changes, *_SSHD, *_NETWORK) else "") + (_KEEP_RULES if _rules(changes) else "")


def to_start_again(changes: Changes) -> str:
    """Shell text that lets systemd start services again that were started too often, or failed."""
    names = [main for kind, main in changes if kind == "service"]
    return "".join(f"systemctl reset-failed {quote(name)} 2>/dev/null\n" for name in dict.fromkeys(names))


def to_restore(changes: Changes) -> str:
    """Shell text, the body of a function: what runs reads the former files again, and live state is put back."""
    texts = (
        _NETWORK_AGAIN if _any_below(changes, *_NETWORK) else "",
        _PUT_BACK_RULES if _rules(changes) else "",
        _SSHD_AGAIN if _any_below(changes, *_SSHD) else "",
    )
    return "".join(texts)
