"""The handover stage: procedures are installed and exercised, access moves to the operators, and they sign.

1. A procedure is a script on the host, ``SOLUTION-NAME``; what was exercised is what the operator will call.
2. The operators' key goes on and is proven before the team's key comes off; then the team's login must be refused.
3. From the moment the team's key may be off, golive uses the operators' login.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from golive.graph.render import RenderError
from golive.graph.site import SiteScope, script
from golive.graph.step import Action, Stage, Step, Witness
from golive.kinds.check import until_it_holds
from golive.kinds.interface import HostRef
from golive.plan.handover import Procedure
from golive.plan.rollout import Wave
from golive.plan.site import Party
from golive.resources.file import File
from golive.resources.script import converge
from golive.resources.sh import code, quote, secrets_in

STAGE = Stage.HANDOVER


def steps(site: SiteScope, before: tuple[str, ...]) -> Iterator[Step]:
    """The steps of one site, behind ``before``."""
    handover = site.plan.handover
    if handover is None:
        return
    last = before
    for step in _procedures(site, handover.procedures, before):
        yield step
        last = (step.id,)
    if handover.access:
        moved = [tuple(_access(site, host, last)) for host in _new_hosts(site)]
        for made in moved:
            yield from made
        last = tuple(made[-1].id for made in moved) or last
    if handover.sign_off:
        yield _sign_off(site, last)


def criteria(site: SiteScope, wave: Wave, needs: tuple[str, ...]) -> Iterator[Step]:
    """The exit criteria of the site's wave, behind ``needs`` and the wave's soak time."""
    index = site.plan.waves.index(wave) if wave in site.plan.waves else 0
    handed = bool(site.plan.handover and site.plan.handover.access)
    for number, criterion in enumerate(wave.exit, 1):
        path = f"waves[{index}].exit[{number - 1}].check"
        for host in site.hosts(criterion.on):
            check = site.renderer(host).model(criterion.check, path)
            yield site.step(
                STAGE,
                f"exit-criterion-{number}",
                host,
                script(until_it_holds(check.probe(host), check.within)),
                path=path,
                login=str(Party.OPERATORS) if handed else "",
                title=f"exit criterion {number} of the wave {wave.name} on {host.name}",
                verify=check.sentence(),
                planned=min(check.within, 5.0),
                needs=needs,
                soaked=True,
            )


def _new_hosts(site: SiteScope) -> tuple[HostRef, ...]:
    return tuple(host for role in site.peers if not site.plan.roles[role].existing for host in site.hosts(role))


def _procedures(site: SiteScope, procedures: Sequence[Procedure], needs: tuple[str, ...]) -> Iterator[Step]:
    """One after the other, host by host: exercising a stop must not take two twins down together."""
    for role, group in groupby(procedures, key=lambda procedure: procedure.on):
        together = list(group)
        for host in site.hosts(role):
            for procedure in together:
                step = _exercise(site, procedure, host, needs)
                yield step
                needs = (step.id,)


def command_name(site: SiteScope, procedure: Procedure) -> str:
    """The path of the script that an operator calls."""
    return f"/usr/local/sbin/{site.plan.solution.name}-{procedure.name}"


def _exercise(site: SiteScope, procedure: Procedure, host: HostRef, needs: tuple[str, ...]) -> Step:
    index = list(site.plan.handover.procedures).index(procedure) if site.plan.handover else 0
    path = f"handover.procedures[{index}]"
    text = site.renderer(host).text(procedure.command, path).strip()
    if secrets_in(text):
        hint = "an operator who calls it has no golive to bring it: let the command read a file on the host"
        raise RenderError(f"{path}: a procedure cannot hold a secret", hint)
    proof = code(site.renderer(host).text(procedure.proof, path)).strip() if procedure.proof else ":"
    called = command_name(site, procedure)
    content = f"#!/bin/sh\n# {procedure.purpose or procedure.name}\nset -e\n{text}\n"
    file = File.model_validate({"file": called, "content": content, "mode": "0755"})
    body = converge((file,)) + f"\nset -e\necho exercising {quote(called)}\n{quote(called)}\n( {proof}\n)\n"
    return site.step(
        STAGE,
        procedure.name,
        host,
        script(body),
        path=path,
        title=f"exercise the procedure {procedure.name} on {host.name}",
        verify=f"{called} succeeds" + (", and its proof holds" if procedure.proof else ""),
        planned=procedure.planned,
        needs=needs,
    )


def _access(site: SiteScope, host: HostRef, needs: tuple[str, ...]) -> Iterator[Step]:
    for name, do, title, verify, login in _moves_of_access(site, host):
        witness = Witness.NONE if do.kind == "login" else Witness.HOST
        more = {"title": title, "verify": verify, "needs": needs, "witness": witness, "planned": 2}
        step = site.step(STAGE, name, host, do, path="access", login=login, **more)
        yield step
        needs = (step.id,)


def _moves_of_access(site: SiteScope, host: HostRef) -> Iterator[tuple[str, Action, str, str, str]]:
    """Name, action, title, proof and login of each step, in order; an empty login is the installer's."""
    access = site.plan.access
    assert access.operators and access.operators.key and access.team.key, "held by the cross-checks"
    works = Action("login", {"party": "operators", "expect": True})
    as_operators = ("operators-login", works, f"log in to {host.name} as the operators", "login and sudo work", "")
    if site.installer is Party.OPERATORS:  # the team never had a login here: nothing to put on or to take off
        yield as_operators
        return
    key, user = site.loaded.files[access.operators.key].strip(), access.operators.user
    put = script(_PUT_KEY.format(user=quote(user), key=quote(key)))
    yield "operators-key", put, f"put the operators' key on {host.name}", "the key is in place", ""
    yield as_operators
    take = script(_TAKE_KEY.format(key=quote(site.loaded.files[access.team.key].split()[1])))
    yield "team-key-off", take, f"take the team's key off {host.name}", "no account holds the key", "operators"
    refused = Action("login", {"party": "team", "expect": False, "user": site.place(host).user})
    title = f"prove that the team's login to {host.name} is refused"
    yield "team-refused", refused, title, "the login is refused", "operators"


def _sign_off(site: SiteScope, needs: tuple[str, ...]) -> Step:
    sign_off = site.plan.handover.sign_off if site.plan.handover else None
    assert sign_off is not None, "only called when there is one"
    inputs = {"role": sign_off.role, "question": sign_off.question, "valid_for": sign_off.valid_for}
    return site.step(
        STAGE,
        "sign-off",
        None,
        Action("decision", inputs),
        path="handover.sign_off",
        title=sign_off.question,
        verify=f"a person with the role {sign_off.role} signs",
        planned=60,
        needs=needs,
        witness=Witness.NONE,
    )


_PUT_KEY = """set -e
user={user} key={key}
home=$(getent passwd "$user" | cut -d: -f6) && [ -d "$home" ] ||
  {{ echo "there is no user $user with a home directory: add one to the baseline"; exit 1; }}
group=$(id -gn "$user")
install -d -m 700 -o "$user" -g "$group" "$home/.ssh"
file=$home/.ssh/authorized_keys
touch "$file"
grep -qxF -e "$key" "$file" || printf '%s\\n' "$key" >> "$file"
chown "$user:$group" "$file"
chmod 600 "$file"
"""

_TAKE_KEY = """set -e
key={key}
for file in $(getent passwd | cut -d: -f6 | sort -u | sed 's|$|/.ssh/authorized_keys|'); do
  [ -f "$file" ] || continue
  if grep -qF -e "$key" "$file"; then
    {{ grep -vF -e "$key" "$file" || :; }} > "$file.golive-new"
    chown --reference="$file" "$file.golive-new"
    chmod --reference="$file" "$file.golive-new"
    mv -f "$file.golive-new" "$file"
    echo "taken out of $file"
  fi
done
for file in $(sshd -T 2>/dev/null | sed -n 's/^authorizedkeysfile //p'); do
  case $file in /*) if grep -qF -e "$key" "$file" 2>/dev/null; then echo "the key is still in $file"; exit 1; fi ;; esac
done
"""
