# shellcheck shell=bash
# For the scripts that run tests against a stack: a working folder, and an end of everything in it that does not depend on
# the tests coming to theirs.

export E2E_WORK
E2E_WORK=$(mktemp -d -t 'mnemos e2e.XXXXXX')
chmod 755 "$E2E_WORK"

session_end() {
    trap '' INT TERM HUP
    local pid command name
    if [[ -f $E2E_WORK/pids ]]; then
        while read -r pid; do
            [[ -r /proc/$pid/cmdline ]] || continue
            command=$(tr '\0' ' ' 2>/dev/null < "/proc/$pid/cmdline") || continue
            # A number may have come to mean another process; each of ours leads a group (nginx has workers).
            if [[ $command == *mnemos-* || $command == *nginx* ]]; then kill -KILL -- "-$pid" 2>/dev/null; fi
        done < "$E2E_WORK/pids"
    fi
    if [[ -f $E2E_WORK/databases ]]; then
        while read -r name; do
            psql --no-psqlrc -q -d "$TEST_DATABASE_URL" -c "DROP DATABASE IF EXISTS \"$name\" WITH (FORCE)" >/dev/null 2>&1
        done < "$E2E_WORK/databases"
    fi
    rm -rf "$E2E_WORK" 2>/dev/null || { sleep 1; rm -rf "$E2E_WORK"; } # what was killed may still have been writing
}
trap session_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
