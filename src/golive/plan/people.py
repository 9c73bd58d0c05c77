"""People: who leads, who executes, who signs; and the logins of the two parties."""

from pydantic import Field

from golive.model import Duration, Model, Name, OneLine, Unix
from golive.plan.when import Day, Region, WorkingHours, Zone
from golive.plan.window import Leave, Shift


class Person(Model):
    """One person. A person who signs needs a public key."""

    name: OneLine = Field(description="Full name.")
    roles: tuple[Name, ...] = Field(min_length=1, description="Roles in this rollout, such as `lead` or `operator`.")
    organisation: OneLine | None = Field(None, description="Employer.")
    sites: tuple[Name, ...] = Field((), description="Sites this person answers for; none named: all.")
    email: OneLine | None = Field(None, description="E-mail address.")
    phone: OneLine | None = Field(None, description="Phone number.")
    key: OneLine | None = Field(None, description="File with the person's SSH public key, from the plan's folder.")
    skills: tuple[Name, ...] = Field((), description="What this person can do, by names in `skills:`.")
    old_system: bool = Field(False, description="Runs the old system: needed until the end of hypercare.")
    released: Day | None = Field(None, description="Last day in this rollout; none: it is open.")
    timezone: Zone | None = Field(None, description="Time zone in which the person works.")
    holidays: Region | None = Field(None, description="Whose public holidays the person has: `FR`, `DE-BY`.")
    hours: tuple[WorkingHours, ...] = Field((), description="Hours of an ordinary week, such as `Mon-Fri 08:00-17:00`.")
    leave: tuple[Leave, ...] = Field((), description="When the person is away.")
    shifts: tuple[Shift, ...] = Field((), description="When the person works beside the ordinary hours, as agreed.")

    def acts(self, role: str, site: str) -> bool:
        """Whether the person has this role at this site."""
        return role in self.roles and (not self.sites or site in self.sites)


class Login(Model):
    """How one party logs in to the hosts."""

    user: Unix = Field("root", description="Login; one that is not root uses `sudo` without a password.")
    key: OneLine | None = Field(None, description="File with the party's SSH public key, from the plan's folder.")
    identity: OneLine | None = Field(
        None, description="File with the private key, where golive may use it; `~` and `$VARIABLE` are filled in."
    )


class Access(Model):
    """The logins of the project team and of the client's operators."""

    team: Login = Field(default_factory=lambda: Login.model_validate({}), description="The project team.")
    operators: Login | None = Field(None, description="The client's operators, who take over.")
    confirm: Duration = Field(
        30.0,
        description="How long a host waits for golive to log in anew after a change that can lock it out (sshd, sudo, "
        "firewall, network), before it takes the change back; `0 s`: it never does.",
    )
