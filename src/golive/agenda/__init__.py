"""The rollout's dates for people: what is when, where and for whom; as a list, and as iCalendar. Pure."""
