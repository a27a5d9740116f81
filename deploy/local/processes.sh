# Background processes of a place. Each is run by deploy/local/supervise, which starts it anew when it ends; the files
# run/NAME.pid (the supervisor), run/NAME.child (the process) and run/NAME.restarts tell of them. A pid alone says little
# after a crash or a reboot, so the files hold identities (pid, start time, boot) and nothing is believed, or killed, on less.

process_identity() { # PID: fails for a process that has ended
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    read -ra stat <<<"${stat##*) }"
    [[ ${stat[0]} != [ZX] ]] || return 1
    echo "$1 ${stat[19]} $(</proc/sys/kernel/random/boot_id)"
}

recorded_pid() { # FILE: prints the pid if the recorded process runs
    local identity
    identity=$(cat "$1" 2>/dev/null) || return 1
    [[ -n $identity && $(process_identity "${identity%% *}") == "$identity" ]] || return 1
    echo "${identity%% *}"
}

process_pid()    { recorded_pid "$place/run/$1.child"; } # NAME
supervisor_pid() { recorded_pid "$place/run/$1.pid"; }   # NAME

process_restarts() { # NAME
    local count
    count=$(cat "$place/run/$1.restarts" 2>/dev/null) || true
    echo "${count:-0}"
}

# process_start NAME FINGERPRINT COMMAND...: in a session of its own, so that the terminal's signals pass it by. The
# pid file is written before the supervisor begins: a killed ./dev leaves no process that the next one does not know.
process_start() {
    local name=$1 log=$place/log/$1.log
    printf '%s\n' "$2" >"$place/run/$name.fingerprint"
    shift 2
    set_aside "$log"
    (
        exec 8>&- </dev/null >"$log" 2>&1
        process_identity "$BASHPID" >"$place/run/$name.pid"
        exec setsid "$root/deploy/local/supervise" "$place/run/$name" "$@"
    ) &
    disown
    within 30 test -s "$place/run/$name.pid" || true # only then is it known to run
}

# attended COMMAND...: for what takes long. While bash waits, a signal is heard at once; in the foreground of a script it is
# heard only when the command has ended. Whoever gives up calls attended_end; a killed script takes its command with it.
attended=''
attended() {
    local code=0
    setpriv --pdeathsig TERM "$@" &
    attended=$!
    wait "$attended" || code=$?
    attended=''
    return "$code"
}

# end_with COMMAND: it is run however the script ends, also by a signal
end_with() {
    # shellcheck disable=SC2064  # now is when it is meant
    trap "$1" EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

attended_end() { [[ -z $attended ]] || { kill "$attended" && wait "$attended"; } 2>/dev/null || true; }

# attended_by LOG COMMAND...: what it says goes to the terminal and to the log
attended_by() {
    local log=$1 out copier code=0
    shift
    exec {out}> >(exec tee "$log")
    copier=$!
    attended "$@" >&"$out" 2>&1 </dev/null || code=$?
    exec {out}>&-
    wait "$copier" || true
    return "$code"
}

set_aside() { [[ ! -e $1 ]] || mv "$1" "$1.1"; } # LOG

process_is_current() { # NAME FINGERPRINT
    supervisor_pid "$1" >/dev/null && process_pid "$1" >/dev/null && [[ $(cat "$place/run/$1.fingerprint" 2>/dev/null) == "$2" ]]
}

process_stop() { # NAME: asks, waits for the drain, and insists in the end
    local pid name=$1
    if pid=$(supervisor_pid "$name"); then
        kill -TERM "$pid" 2>/dev/null || true
        if ! within 30 process_gone "$name"; then
            warn "$name did not end within 30 seconds of being asked; killing it (log: $place/log/$name.log)."
            kill -KILL "$pid" 2>/dev/null || true
            within 5 process_gone "$name" || true
        fi
    fi
    process_remnants_stop "$name"
    rm -f "$place/run/$name".{pid,child,restarts,fingerprint}
}

# abandoned DIRECTORY...: those of ours whose `owner`, the identity of who made them, has ended
abandoned() {
    local directory owner
    for directory in "$@"; do
        [[ -O $directory && -e $directory/owner ]] || continue
        owner=$(<"$directory/owner")
        [[ $(process_identity "${owner%% *}") == "$owner" ]] || echo "$directory"
    done
}

process_gone() { ! supervisor_pid "$1" >/dev/null; }

# What outlived a killed supervisor still forms its session and may hold a port.
process_remnants_stop() { # NAME
    local session start boot remnants
    [[ -s $place/run/$1.pid ]] || return 0
    read -r session start boot <"$place/run/$1.pid"
    [[ $boot == "$(</proc/sys/kernel/random/boot_id)" ]] || return 0
    ! process_identity "$session" >/dev/null || return 0
    remnants=$(session_members "$session" "$start")
    [[ -z $remnants ]] || xargs -r kill -KILL <<<"$remnants" 2>/dev/null || true
}

session_members() { # SESSION EARLIEST-START: pids
    { cat /proc/[0-9]*/stat 2>/dev/null || true; } | awk -v session="$1" -v start="$2" '
        { pid = $1; sub(/.*\) /, "") }
        $4 == session && $20 >= start && $1 != "Z" { print pid }'
}

within() { # SECONDS CONDITION...: polls until the condition holds
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}
