# The commands about the running suite: up, down, status, logs, run, psql, migrate, rebuild, help.

up() {
    local people=${option[people]:-10000} seed=${option[seed]:-1}
    whole_number port 1 65535; whole_number people 0 10000000; whole_number seed 0 999999999
    need_packages build up
    need_npm_packages pages
    use_local_place
    all_ports_must_be_free
    lap installing
    build release services/all
    lap building
    database_up
    fill_if_empty "$people" "$seed"
    lap 'database and population'
    step 'Starting services and gateway'
    suite_start
    lap starting
    welcome
}

# lap NAME: how long it is since the one before.
laps='' lap_begin=0
lap() {
    laps+="${laps:+, }$1 $((SECONDS - lap_begin)) s"
    lap_begin=$SECONDS
}

# Before a long build, so that the sentence comes at once.
all_ports_must_be_free() {
    local part
    for part in postgres "${programs[@]}" gateway; do
        if part_exists "$part" && part_pid "$part" >/dev/null && part_keeps_its_ports "$part"; then continue; fi
        [[ $part == postgres ]] || process_remnants_stop "$part"
        part_needs_its_ports "$part"
    done
}

database_up() {
    step 'Starting PostgreSQL'
    cluster_start
    remember_ports
    database_prepare
    step 'Applying migrations'
    migrate
}

welcome() {
    local url=http://127.0.0.1:$gateway_port
    cat <<END

Mnemos is up, ready after $SECONDS s ($laps).
  start page          $url/
  API, to try out     $url/docs
  OpenAPI document    $url/openapi.json
  PostgreSQL          127.0.0.1:$database_port, database $database (./dev psql)

Demo accounts, all with the password $(demo_password)
  Dr. Ada Neuro       neurologist
  Carl Caregiver      caregiver
  Paula Patient       patient

./dev status shows the parts, ./dev logs their logs, ./dev down stops them.
END
}

down() {
    use_local_place
    suite_stop
    if cluster_exists; then cluster_stop; fi
    forget_ports
    return_what_was_lent
    say 'Mnemos is down.'
}

status() {
    use_local_place
    local part pid state restarts all_ready=yes
    printf '%-16s %-8s %-6s %-9s %s\n' PART PROCESS PORT RESTARTS STATE
    for part in postgres "${programs[@]}" gateway; do
        pid=- state=stopped restarts=-
        [[ $part == postgres ]] || process_gone "$part" || restarts=$(process_restarts "$part")
        if part_exists "$part" && pid=$(part_pid "$part"); then
            if part_is_ready "$part"; then state=ready; else state='not ready'; fi
        fi
        [[ $state == ready ]] || all_ready=no
        printf '%-16s %-8s %-6s %-9s %s\n' "$part" "${pid:--}" "$(part_port "$part")" "$restarts" "$state"
    done
    [[ $all_ready == yes ]] || fail 'Not all parts are ready: ./dev logs PART tells why, ./dev up starts what is missing.'
}

part_exists() { [[ $1 != postgres ]] || cluster_exists; }

logs() { # [PART...]
    use_local_place
    local part log files=() parts=("$@")
    (($#)) || parts=("${programs[@]}" gateway postgres)
    for part in "${parts[@]}"; do
        part_exists "$part" || continue
        log=$(part_log "$part")
        files+=("$log")
        [[ $part != gateway ]] || files+=("$home/log/gateway-access.log")
    done
    exec tail -n 20 -F "${files[@]}"
}

run_in_foreground() { # SERVICE
    use_local_place
    [[ -n $1 ]] || fail "Say which service: ${programs[*]}."
    ops_port "$1" >/dev/null
    need_packages build up
    build dev services/all
    with_lock suite prepare_to_run "$1"
    service_settings "$1"
    lower
    say "$1 listens on 127.0.0.1:$(part_port "$1"). Ctrl-C ends it; ./dev up brings the usual one back."
    exec "${lowered[@]}" env -i "${settings[@]}" "$(lend "$root/build/dev/bin/mnemos-$1" 750)"
}

prepare_to_run() { # SERVICE
    database_up
    process_stop "$1"
    part_needs_its_ports "$1"
    prepare_home
}

open_psql() { # [ROLE] [ARGUMENTS]
    local role=owner
    if [[ " ${services[*]} owner postgres " == *" ${1:-none} "* ]]; then role=$1; shift; fi
    need_running_database
    if [[ $role == postgres ]]; then exec "$pg_bin/psql" -h "$pg_sockets" -p "$database_port" -U postgres -d "$database" "$@"; fi
    export PGHOST=$pg_sockets PGPORT=$database_port PGUSER=mnemos_$role PGDATABASE=$database PGPASSFILE=$place/secrets/pgpass
    exec "$pg_bin/psql" "$@"
}

need_running_database() {
    use_local_place
    cluster_exists || fail 'There is no database yet: ./dev up makes one.'
    cluster_pid >/dev/null || fail 'The private PostgreSQL is not running: ./dev up starts it.'
    [[ -s $place/secrets/pgpass ]] || fail 'The database is not set up yet: ./dev up does that.'
}

need_mnemosctl() { [[ -x $bin/mnemosctl ]] || fail 'mnemosctl is not built yet: ./dev up does that.'; }

operate_here() { # COMMAND OF MNEMOSCTL...
    need_running_database
    need_mnemosctl
    operate "$@"
}

migrate_only() {
    need_packages up
    use_local_place
    database_up
}

rebuild() {
    local people=${option[people]:-10000} seed=${option[seed]:-1}
    whole_number people 0 10000000; whole_number seed 0 999999999
    need_running_database
    need_mnemosctl
    confirm 'This deletes all people in the private database and generates others.'
    demo_password >/dev/null
    operate rebuild --people "$people" --seed "$seed" --yes || fail 'The population was not rebuilt; mnemosctl says why above.'
}

# The help of a command is the block of ## lines above its function in `dev`: usage, summary, details.
print_help() { # [COMMAND]
    local text
    if [[ -z $1 ]]; then
        say 'usage: ./dev COMMAND; ./dev help COMMAND tells more'
        awk '/^## / && !inside { inside = 1; usage = substr($0, 4); getline; printf "  %-40s %s\n", usage, substr($0, 4) }
             !/^##/ { inside = 0 }' "$root/dev"
        return
    fi
    text=$(awk -v name="$1" '/^##/ { if (!inside) show = ($2 == name); inside = 1; if (show) print substr($0, 4) }
                             !/^##/ { inside = 0 }' "$root/dev")
    [[ -n $text ]] || fail "There is no command '$1'; ./dev help lists them."
    say "usage: ./dev $text"
}
