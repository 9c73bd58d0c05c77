"""The former state of files: shell text that keeps it to the bit, and puts it back."""


def saved(path: str, name: str = "was") -> str:
    """Shell text that copies what stands at ``path``, if anything, into the directory ``"$keep"``.

    Args:
        path: a shell word.
        name: what the copy is called there.
    """
    return f'if [ -e {path} ] || [ -L {path} ]; then cp -a {path} "$keep/{name}"; fi'


def put_back(name: str = "was") -> str:
    """Shell text that restores at ``"$path"`` what ``saved`` found; may be run again. A directory there stays.

    Args:
        name: what the copy is called in ``"$keep"``.
    """
    return (
        'rm -f "$path.golive-new" "$path.golive-old"\n'
        f'if [ -e "$keep/{name}" ] || [ -L "$keep/{name}" ]; then\n'
        f'  cp -a "$keep/{name}" "$path.golive-old"\n'
        '  mv -fT "$path.golive-old" "$path"\n'
        'elif [ -L "$path" ] || [ ! -d "$path" ]; then rm -f "$path"; fi'
    )
