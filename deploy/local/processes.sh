# Background processes of a place, each with a pid file `run/NAME.pid`. A pid alone says little after a crash or a
# reboot, so the file holds the process's identity (pid, start time, boot) and nothing is believed, or killed, on less.

process_identity() { # PID: fails for a process that has ended
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    read -ra stat <<<"${stat##*) }"
    [[ ${stat[0]} != [ZX] ]] || return 1
    echo "$1 ${stat[19]} $(</proc/sys/kernel/random/boot_id)"
}

process_pid() { # NAME: prints the pid if the recorded process runs
    local identity
    identity=$(cat "$place/run/$1.pid" 2>/dev/null) || return 1
    [[ -n $identity && $(process_identity "${identity%% *}") == "$identity" ]] || return 1
    echo "${identity%% *}"
}

# process_start NAME FINGERPRINT COMMAND...: in a session of its own, so that the terminal's signals pass it by. The
# pid file is written before the program begins: a killed ./dev leaves no process that the next one does not know.
process_start() {
    local name=$1 log=$place/log/$1.log
    printf '%s\n' "$2" >"$place/run/$name.fingerprint"
    shift 2
    set_aside "$log"
    (
        exec 8>&- </dev/null >"$log" 2>&1
        process_identity "$BASHPID" >"$place/run/$name.pid"
        exec setsid "$@"
    ) &
    disown
}

set_aside() { [[ ! -e $1 ]] || mv "$1" "$1.1"; } # LOG

process_is_current() { # NAME FINGERPRINT
    process_pid "$1" >/dev/null && [[ $(cat "$place/run/$1.fingerprint" 2>/dev/null) == "$2" ]]
}

process_stop() { # NAME: asks, waits for the drain, and insists in the end
    local pid name=$1
    if pid=$(process_pid "$name"); then
        kill -TERM "$pid" 2>/dev/null || true
        if ! within 30 process_gone "$name"; then
            warn "$name did not end within 30 seconds of being asked; killing it (log: $place/log/$name.log)."
            kill -KILL "$pid" 2>/dev/null || true
            within 5 process_gone "$name" || true
        fi
    fi
    process_remnants_stop "$name"
    rm -f "$place/run/$name".{pid,fingerprint}
}

process_gone() { ! process_pid "$1" >/dev/null; }

# Children that outlived a killed parent (the workers of nginx do) still form its session and hold its port.
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
