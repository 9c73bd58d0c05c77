"""HAProxy as a front door that follows the register: Lua beside its configuration, and marked lines inside it."""

from importlib.resources import files

from golive.kinds.interface import Register
from golive.resources.sh import quote, variable

_INSERT = r"""awk -v tag=golive:door -v front=%(front)s -v back=%(back)s '
  BEGIN { while ((getline line < (ENVIRON["lines"])) > 0) lines[++count] = line }
  function put(text) { print "    " text "  # " tag }
  index(" %(sections)s ", " " $1 " ") {
    inside = $1 == "frontend" && $2 == front ? "front" : $1 == "backend" && $2 == back ? "back" : $1
  }
  inside == "back" && $1 != "backend" && $1 != "server" && $1 != "server-template" && NF { copied[++copies] = $0 }
  { print }
  $1 == "global" && !global { global = 1; put("lua-load " ENVIRON["lua"]) }
  inside == "front" && $1 == "frontend" { found_front = 1; for (i = 2; i <= count; i++) put(lines[i]) }
  inside == "back" && $1 == "backend" { found_back = 1 }
  END {
    print "backend " back "-golive  # " tag
    for (i = 1; i <= copies; i++) print copied[i] "  # " tag
    n = split(ENVIRON["servers"], server, "\n")
    for (i = 1; i <= n; i++) put(server[i])
    if (!global) print "there is no section global" > "/dev/stderr"
    if (!found_front) print "there is no frontend " front > "/dev/stderr"
    if (!found_back) print "there is no backend " back > "/dev/stderr"
    exit !(global && found_front && found_back)
  }'"""

_WORKERS = r"""workers() { main=$(systemctl show -p MainPID --value haproxy) && cat "/proc/$main/task/$main/children"; }
before=$(workers)
"""

_ALONE = r"""# Workers of before do not hold anything: they have to be gone. A reload goes on behind systemctl.
left() { now=" $(workers) "; for one in $before; do case $now in *" $one "*) return 0 ;; esac; done; return 1; }
tries=0
while left; do
  tries=$((tries + 1))
  [ $tries -lt %(seconds)d ] || {
    echo "workers of before the reload still carry connections: end those, or give global a hard-stop-after"
    exit 1
  }
  [ $tries -gt 1 ] || echo "waiting for connections of before the reload; an idle one ends with its next request"
  sleep 1
done
echo "the front door asks the register at %(where)s and can hold requests"
"""

PATIENCE = 20
"""Seconds that a request is held at most; then it is answered with 503 and Retry-After."""
_OLD_WORKERS = 600
"""Seconds that workers of before the reload may take to end: users keep idle connections for minutes."""


def begin_file(tag: str) -> str:
    """The file that says what the door begins with after a restart."""
    return f"/etc/haproxy/golive-{tag}.begin"


def begin_with(tag: str, side: str) -> str:
    """Shell text that writes it, durably."""
    file = begin_file(tag)
    return f"echo {quote(side)} > {file}.new && sync {file}.new && mv -f {file}.new {file} && sync /etc/haproxy\n"


def put_in(tag: str, host: str, front: str, back: str, servers: str, register: Register, sections: str) -> str:
    """Shell text, behind the helpers that edit the configuration, that makes the front door one that can hold.

    Args:
        tag: of the cutover, for names of files; letters, digits and hyphens.
        host: the front door's name, as the register knows it.
        front: the frontend.
        back: the backend with the servers of today.
        servers: lines of the new servers.
        register: where it asks.
        sections: words that begin a section of the configuration.
    """
    lua = f"/etc/haproxy/golive-{tag}.lua"
    facts = {"NAME": host, "TAG": tag.replace("-", "_"), "HOST": register.host.address, "BEGIN": begin_file(tag)}
    facts |= {"OLD": back, "NEW": f"{back}-golive"}
    head = "".join(f"local {name} = {_lua(value)}\n" for name, value in facts.items())
    head += f"local PORT, PATIENCE = {register.port}, {PATIENCE}\n"
    rules = (
        # A worker that ends would close idle connections at once, and lose a request that crosses that.
        "option idle-close-on-response",
        f"http-request lua.golive_{facts['TAG']}",
        "http-request deny status 503 hdr Retry-After 1 hdr X-Golive held if { var(txn.golive) -m str refuse }",
        f"use_backend {facts['NEW']} if {{ var(txn.golive) -m str new }}",
    )
    program = files("golive.kinds").joinpath("door.lua").read_text(encoding="utf-8")
    insert = _INSERT % {"front": quote(front), "back": quote(back), "sections": sections}
    return (
        "umask 077\n"
        + begin_with(tag, "old")
        + door_key(register)
        + f'{{ printf \'local KEY = "%s"\\n\' "$key"; printf %s {quote(head + program)}; }} > {lua}\n'
        + f'export lua={quote(lua)} servers={quote(servers)} lines="$new.lines"\n'
        + f"printf '%s\\n' first {' '.join(quote(rule) for rule in rules)} > \"$lines\"\n"
        + f'strip | {insert} > "$new" || {{ rm -f "$new" "$lines"; exit 1; }}\n'
        + 'rm -f "$lines"\n'
        + _WORKERS
        + "put_in\n"
        + _ALONE % {"seconds": _OLD_WORKERS, "where": f"{register.host.address}:{register.port}"}
    )


def take_out(tag: str) -> str:
    """Shell text, behind the helpers that edit the configuration, that takes it out again."""
    return (
        'strip > "$new" || { rm -f "$new"; exit 1; }\nput_in\n'
        f"rm -f /etc/haproxy/golive-{tag}.lua {begin_file(tag)}\n"
    )


def door_key(register: Register) -> str:
    """Shell text that sets ``key``, with which register and front doors sign; derived from the cutover's secret."""
    secret = variable(register.secret)
    return f'key=$(printf "golive door %s %s" "${{{secret}}}" {quote(register.name)} | sha256sum | cut -c 1-64)\n'


def _lua(text: str) -> str:
    return '"' + "".join(c if c.isalnum() or c in "-._:/" else f"\\{ord(c)}" for c in text) + '"'
