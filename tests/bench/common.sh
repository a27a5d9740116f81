# shellcheck shell=bash
# What the programs of this folder have in common: the parts of deploy/local/, a place that is gone however they end, and
# sums. With --smoke each runs its whole path on little data, compares what has to be the same, prints no
# figures and fails with a sentence.
# shellcheck disable=SC2034,SC2154  # what the parts and the programs read and set
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd -P)
root=${here%/tests/bench}
cd "$root" || exit
export PATH=$PATH:/usr/sbin:/sbin
command=bench arguments=()
for part in "$root"/deploy/local/*.sh; do
    # shellcheck source=/dev/null
    . "$part"
done

bin=${BIN_DIR:-$root/build/strict/bin}
load_at_start=$(cut -d ' ' -f 1 /proc/loadavg)

bench_begin() { # KIND OPTIONS ARGUMENTS...: options as in take_options
    local purposes
    take_options "smoke $2" "${@:3}"
    at_most_arguments 0
    read -ra purposes <<<"$(bench_purposes "$1")"
    need_packages "${purposes[@]}"
    end_with bench_end
}

smoking() { [[ ${option[smoke]:-} == yes ]]; }

bench_program() { # NAME: leaves its path in bench
    bench=$bin/$1
    [[ -x $bench ]] || fail "There is no $bench: ./dev bench makes one."
}

bench_end() {
    trap '' INT TERM HUP
    attended_end
    [[ -z $place ]] || remove_place
}

# What is measured includes a PostgreSQL that waits for the disk as in production.
use_bench_place() {
    (sweep_abandoned_benches)
    place=$(mktemp -d /var/tmp/mnemos-bench.XXXXXX) durable=yes database=mnemos
    ! smoking || durable=no
    chmod 755 "$place"
    process_identity $$ >"$place/owner"
    prepare_place
}

remove_place() {
    local file stopping=()
    for file in "$place"/run/*.pid; do
        [[ -e $file ]] || continue
        process_stop "$(basename "$file" .pid)" & stopping+=($!)
    done
    ((${#stopping[@]} == 0)) || wait "${stopping[@]}" # without a name it would wait for whatever else is there
    [[ -z $pg_data ]] || cluster_stop || true
    remove_home
    rm -rf "$place" "${pg_home:-$place}"
}

# What a killed run left behind.
sweep_abandoned_benches() {
    local directory left
    mapfile -t left < <(abandoned /var/tmp/mnemos-bench.*)
    for directory in "${left[@]}"; do
        say "Removing $directory, left by a run that was killed."
        place=$directory durable=yes
        prepare_place
        cluster_exists || true
        remove_place
    done
}

# Ports from MNEMOS_BENCH_PORT_BASE (18200) on; for --smoke from anywhere, where all of them are free.
use_ports() {
    local tries line
    if smoking; then
        for ((tries = 0; tries < 100; tries++)); do
            ports_from $((10000 + RANDOM % 20000))
            ! ports_are_free || return 0
        done
        fail 'No row of free ports was found.'
    fi
    ports_from "${MNEMOS_BENCH_PORT_BASE:-18200}"
    while read -r line; do
        port_must_be_free "${line%% *}" "${line#* }" 'choose other ports: MNEMOS_BENCH_PORT_BASE=28200 ./dev bench'
    done < <(ports_wanted)
}

ports_from() { # BASE
    service_port_base=$1 database_port=$(($1 + 25)) gateway_port=$(($1 + 80))
    lighter_port=$(($1 + 90)) equal_port=$(($1 + 91))
}

ports_wanted() { # prints each with its purpose
    local part
    for part in "${services[@]}"; do echo "$(http_port "$part") $part"; done
    for part in "${programs[@]}"; do echo "$(ops_port "$part") the operations of $part"; done
    printf '%s\n' "$database_port PostgreSQL" "$gateway_port the gateway" \
        "$lighter_port the lighter peer" "$equal_port the equal peer"
}

ports_are_free() {
    ! grep -qxFf <(ports_wanted | cut -d ' ' -f 1) <(ss -Hltn | awk '{ sub(/.*:/, "", $4); print $4 }')
}

# Sums and comparisons

middle() { sort -g | awk -v format="$1" '{ all[NR] = $1 } END { printf format, all[int((NR + 1) / 2)] }'; } # FORMAT
ratio() { awk -v format="$1" -v a="$2" -v b="$3" 'BEGIN { printf format, a / b }'; }                       # FORMAT A B

load_average() { echo "load average $load_at_start at the start, $(cut -d ' ' -f 1 /proc/loadavg) at the end"; }

# must_agree TOLERANCE WHAT: what the programs have written to $place/ours and $place/theirs, number by number after the
# first line, which is a time. The tolerance is a part of the number, or of 1 where it is smaller.
must_agree() {
    paste "$place/ours" "$place/theirs" | awk -v tolerance="$1" '
        NR == 1 { next }
        { size = $2 < 0 ? -$2 : $2; if (size < 1) size = 1; difference = $1 < $2 ? $2 - $1 : $1 - $2 }
        NF != 2 || !(difference <= tolerance * size) { wrong = 1 }
        END { exit wrong || NR < 2 }' ||
        fail "$2: ours and R's differ by more than $1:"$'\n'"$(paste "$place/ours" "$place/theirs" | sed 1d)"
}

must_be_figure() { # WHAT TEXT
    [[ $2 =~ ^[0-9]+(\.[0-9]+)?$ ]] || fail "$1 gave no figure but '$2'."
}
