# shellcheck shell=sh
# golive on the host: claims an attempt, runs its script detached, and is the witness of what became of it.
# Sent before every request (framing.py); a later golive may send another version, so the files below are the contract.
#
#   ROOT/lock                              held (flock) by the runner whose script runs; says which attempt that is
#   ROOT/projects/PROJECT/lock             held for an instant by every request, and by a runner until it is on record
#   ROOT/projects/PROJECT/epoch            "EPOCH HOLDER": the highest claim seen
#   ROOT/attempts/PROJECT/RUN-NUMBER/      made by mkdir, which is the claim of the attempt
#       attempt    digest, action and step, a line each
#       script     what runs
#       output     its stdout and stderr
#       runner     "PID START BOOT": who waits for the script; locked (flock) for as long as it does
#       process    "PID START BOOT STARTED": the script itself
#       status     "EXIT ENDED": written aside, synced, renamed
#       closed     when the attempt was asked for before it came: it never runs
#   ROOT/contents/SHA256                   what scripts read beside their text; sent before they are
#   ROOT/mirror/PROJECT/RUN/NAME           a part of the run's journal, from which `golive recover` rebuilds it
#
# What is removed. When a script has ended, its runner takes away the attempts of other runs of the project that ended
# more than 30 days ago, and contents that no script has asked for since then. Attempts of the run at hand stay, and so
# does every attempt whose end is not known: it may be running, or nobody has been told yet.
#
# Why every crash can be judged. The launcher claims under the project's lock, and the runner that it starts inherits
# that lock and lets go only when `runner` is written. So whoever holds the lock and sees a claim without a live runner
# knows that none will come. The script's process is on record before it runs, and gives up if its runner is dead by
# then. So an attempt without status whose runner and process are both dead has ended, and nobody knows how.
#
# Secrets: in the memory of launcher and runner, and in the pipe to the script. No file, no argument, no environment;
# and no here-document, which some shells keep in a file.
#
# Answers are one line on stderr; stdout carries the script's output, byte for byte, and nothing else.

set -u
umask 077

answer() { printf 'golive-%s\n' "$*" >&2; }

refuse() {
    [ -z "${staged-}" ] || rm -f "$staged" "$staged.mirror"
    answer refused "$@"
    exit 0
}

# look PID|self: sets seen_pid, seen_state, seen_parent and seen_start; fails when there is no such process.
# The name in parentheses may hold spaces, parentheses and newlines: what counts follows the last ") ".
look() {
    text=
    while IFS= read -r part || [ -n "$part" ]; do text="$text$part "; done 2>/dev/null <"/proc/$1/stat"
    [ -n "$text" ] || return 1
    seen_pid=${text%% *}
    # shellcheck disable=SC2086  # letters and numbers only, wanted as words
    set -- ${text##*) }
    seen_state=$1 seen_parent=$2 seen_start=${20}
}

# alive FILE: whether the process on record in FILE lives. A zombie does not.
alive() {
    read -r was_pid was_start was_boot _ 2>/dev/null <"$1" || return 1
    [ "$was_boot" = "$boot_id" ] && look "$was_pid" && [ "$was_start" = "$seen_start" ] || return 1
    case $seen_state in Z | X) return 1 ;; esac
}

# record FILE WORD...: puts the calling process on record.
record() {
    file=$1
    shift
    look self && printf '%s\n' "$seen_pid $seen_start $boot_id${*:+ $*}" >"$file"
}

finished() { read -r exit ended 2>/dev/null <"$dir/status" && state=exited; }

# Sets state, exit, ended, started and rebooted of the attempt in dir.
judge() {
    state=absent exit=- ended=- started=- rebooted=no
    [ -d "$dir" ] && [ ! -e "$dir/closed" ] || return 0
    read -r _ _ was_boot 2>/dev/null <"$dir/runner" && [ "$was_boot" != "$boot_id" ] && rebooted=yes
    read -r _ _ _ started 2>/dev/null <"$dir/process"
    finished && return 0
    state=running
    alive "$dir/runner" || alive "$dir/process" || finished || state=interrupted
}

report() { answer report "$state" "$exit" "$boot_id" "${started:--}" "$ended" "$rebooted" "$1" "$2"; }

# --- the project's lock and the fence ---

prepare() {
    [ -d "$project_dir" ] && [ -d "$attempts" ] && return 0
    mkdir -p "$project_dir" "$attempts" && sync "$root" "$root/projects" "$root/attempts" || exit 1
}

lock_project() { exec 8>>"$project_dir/lock" && flock 8 || exit 1; }

unlock_project() { exec 8>&-; }

# Takes the project's lock; refuses an older coordinator, and remembers a newer one before anything is done for it.
enter() {
    prepare
    lock_project
    known=0 keeper=
    if [ -e "$project_dir/epoch" ]; then
        read -r known keeper <"$project_dir/epoch" || refuse damaged "$project_dir/epoch"
        case $known in '' | *[!0-9]*) refuse damaged "$project_dir/epoch" ;; esac
    fi
    [ "$known" -gt "$epoch" ] && refuse epoch "$known" "$keeper"
    if [ "$known" -eq "$epoch" ]; then
        [ "$keeper" = "$holder" ] || refuse epoch "$known" "$keeper"
        return 0
    fi
    printf '%s %s\n' "$epoch" "$holder" >"$project_dir/epoch.new" && sync "$project_dir/epoch.new" &&
        mv -f "$project_dir/epoch.new" "$project_dir/epoch" && sync "$project_dir" || exit 1
}

# --- launching ---

# Reads the rest of stdin. Where there are no secrets it is the token alone, for which no process is started.
read_secrets() {
    IFS= read -r secrets || return 0
    secrets="$secrets
$(cat)"
}

whole() { case $secrets in *"$token") ;; *) return 1 ;; esac; }

# receive FILE SIZE: takes the next SIZE bytes of stdin.
receive() {
    : >"$1" || exit 1
    [ "$2" -eq 0 ] || dd bs="$2" count=1 iflag=fullblock 2>/dev/null >"$1" || refuse unwritable "$1"
}

# mirror NAME SIZE: puts what came of the journal beside what came before. Under the project's lock.
mirror() {
    [ "$2" -ne 0 ] || return 0
    folder=$root/mirror/$project
    [ -d "$folder/${1%/*}" ] || mkdir -p "$folder/${1%/*}" || exit 1
    mv -f "$staged.mirror" "$folder/$1" || exit 1
}

# execute DIGEST ACTION STEP SIZE TOKEN MIRROR_NAME MIRROR_SIZE <mirror, script, secrets, token
# All of stdin is read before the lock is taken: a slow line holds up nobody. The token tells that nothing is missing.
execute() {
    digest=$1 action=$2 step=$3 size=$4 token=$5
    prepare
    staged=$root/staged.$$
    [ "$7" -eq 0 ] || receive "$staged.mirror" "$7"
    receive "$staged" "$size"
    read_secrets
    whole || refuse incomplete
    enter
    mirror "$6" "$7"
    if [ -d "$dir" ]; then attach; else launch; fi
    unlock_project
    secrets=
    follow 0
}

attach() {
    rm -f "$staged"
    recorded=
    read -r recorded 2>/dev/null <"$dir/attempt"
    [ -z "$recorded" ] || [ "$recorded" = "$digest" ] || refuse digest "$recorded"
}

# The claim is durable before the script can have any effect.
launch() {
    mkdir "$dir" && mv "$staged" "$dir/script" && : >"$dir/output" &&
        printf '%s\n' "$digest" "$action" "$step" >"$dir/attempt" &&
        sync "$dir/script" "$dir/attempt" "$dir" "$attempts" || exit 1
    # shellcheck disable=SC2154  # program and bootstrap are set by the command that reads this text (framing.py)
    printf '%s' "$program" "$secrets" | setsid sh -c "$bootstrap" golive "$program_size" run "$root" "$boot_file" \
        "$lock_wait" "$project" "$epoch" "$holder" "${dir##*/}" "$token" >>"$dir/output" 2>&1 &
}

# --- the runner: what setsid started ---

# run TOKEN <secrets, token
run() {
    token=$1
    read_secrets
    whole && record "$dir/runner" && exec 7<"$dir/runner" && flock 7 || exit 1
    unlock_project
    await_host || finish 75
    started=$(date +%s)
    printf '%s' "${secrets%"$token"}" 2>/dev/null | (
        exec 7<&- 9>&-
        record "$dir/process" "$started" && alive "$dir/runner" || exit 1
        umask 022
        cd / && exec sh "$dir/script"
    )
    finish $?
}

finish() {
    printf '%s %s\n' "$1" "$(date +%s)" >"$dir/status.new" && sync "$dir/output" "$dir/status.new" &&
        mv -f "$dir/status.new" "$dir/status" && sync "$dir"
    exec 7<&- 9>&-
    tidy >/dev/null 2>&1
    exit 0
}

# Under the project's lock, so that nobody begins to follow what is being removed.
tidy() {
    old='-mtime +30' own=${dir##*/}
    lock_project
    # shellcheck disable=SC2086  # two words; the names of attempts hold neither spaces nor patterns
    find "$attempts" -mindepth 2 -maxdepth 2 -name status $old | while IFS= read -r file; do
        name=${file%/status}
        case ${name##*/} in "${own%-*}"-*) ;; *) rm -rf "$name" ;; esac
    done
    # shellcheck disable=SC2086
    find "$root/contents" -type f $old -exec rm -f {} +
}

# One script at a time on this host. A script whose runner was killed still counts.
await_host() {
    waited=0
    exec 9>>"$root/lock"
    until take_host; do
        if [ "$waited" -ge $((lock_wait * 10)) ]; then
            printf 'golive: not started: %s still runs on this host after %s s\n' "$running" "$lock_wait"
            return 1
        fi
        [ "$waited" -ne 0 ] || printf 'golive: waiting for %s, which runs on this host\n' "$running"
        waited=$((waited + 2))
        sleep 0.2
    done
}

take_host() {
    previous=
    if ! flock -n 9; then
        read -r previous <"$root/lock"
        running=${previous##*/}
        running=${running:-another script}
        return 1
    fi
    read -r previous <"$root/lock"
    running=${previous##*/}
    if [ -n "$previous" ] && alive "$previous/process"; then
        flock -u 9
        return 1
    fi
    printf '%s\n' "$dir" >"$root/lock"
}

# --- following ---

# Reads the position of descriptor 3, which cat moves, without a fork.
where() { read -r _ position </proc/self/fdinfo/3; }

seek() {
    size=$(wc -c <"$dir/output") || exit 1
    [ "$1" -le "$size" ] || refuse offset "$1"
    dd bs=1 skip="$1" count=0 2>/dev/null <&3
    where
    [ "$position" = "$1" ] || refuse offset "$1"
}

# Nothing of the attempt seems alive: its runner may be about to put itself on record, and holds the lock until then.
settle() {
    lock_project
    judge
    unlock_project
}

# Waits for a while, not longer than the runner lives: then it lets go of its record. Few waits take little of the host.
rest() {
    flock -s -E 3 -w "0.$nap" 7 2>/dev/null 7<"$dir/runner"
    case $? in
    3) free=0 nap=$((nap < 8 ? nap * 2 : 8)) ;;
    0) free=$((free + 1)) ;;
    *) free=2 ;; # a flock that cannot wait for a time, or nothing that it could wait for
    esac
    [ "$free" -lt 2 ] || sleep 0.05
}

# follow OFFSET: writes the output from there to the end, waiting for more while the attempt runs, then reports.
# The state is judged before the output is read: what is read after the end is all there is.
follow() {
    [ -d "$dir" ] && [ ! -e "$dir/closed" ] || { probed; return; }
    if [ -e "$dir/output" ]; then exec 3<"$dir/output"; else exec 3</dev/null; fi
    position=0 nap=1 free=0
    [ "$1" -eq 0 ] || seek "$1"
    look self
    parent=$seen_parent
    while :; do
        judge
        [ "$state" != interrupted ] || settle
        cat <&3 || exit 1
        where
        [ "$state" = running ] || break
        # The connection is gone when the parent is; the runner needs no reader.
        look self && [ "$seen_parent" = "$parent" ] || exit 1
        rest
    done
    report "$1" "$position"
}

# --- requests ---

# keep TOKEN MIRROR_NAME MIRROR_SIZE <mirror, token
keep() {
    token=$1
    prepare
    staged=$root/staged.$$
    receive "$staged.mirror" "$3"
    read_secrets
    whole || refuse incomplete
    enter
    mirror "$2" "$3"
    answer kept "$2"
}

# shut: an attempt that is asked for before its script has come is over. A script that comes later is refused.
shut() {
    mkdir "$dir" && printf '%s\n' closed - - >"$dir/attempt" && : >"$dir/closed" &&
        printf '75 %s\n' "$(date +%s)" >"$dir/status" && sync "$dir" "$attempts" || exit 1
}

reattach() {
    enter
    [ -d "$dir" ] || shut
    unlock_project
    follow "$1"
}

probe() {
    enter
    probed
}

probed() {
    judge
    report 0 0
}

# remove NAME...: all of them or none.
remove() {
    enter
    for name; do
        case $name in '' | .* | */*) refuse damaged "$name" ;; esac
        dir=$attempts/$name
        judge
        [ "$state" != running ] || refuse running "$name"
    done
    for name; do rm -rf "${attempts:?}/$name" || exit 1; done
    find "$root" -maxdepth 1 -name 'staged.*' -mmin +60 -exec rm -f {} + # left by launchers that were killed
    answer removed "$#"
}

# main PROGRAM_SIZE VERB ROOT BOOT_FILE LOCK_WAIT PROJECT EPOCH HOLDER NAME ARGUMENT...
main() {
    program_size=$1 verb=$2 root=$3 boot_file=$4 lock_wait=$5 project=$6 epoch=$7 holder=$8
    shift 8
    project_dir=$root/projects/$project attempts=$root/attempts/$project
    for tool in setsid flock dd sync; do command -v "$tool" >/dev/null || refuse tool "$tool"; done
    read -r boot_id <"$boot_file" || exit 1
    [ "$verb" != remove ] || { remove "$@"; exit 0; }
    dir=$attempts/$1
    shift
    "$verb" "$@"
}

main "$@"
