# The services, their workers and the gateway of a place.

# What a service is told, as NAME=VALUE in settings; secrets go as files.
settings=()
service_settings() { # PROGRAM
    settings=(
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin" "LANG=C.UTF-8"
        "DATABASE_URL_FILE=$(lend "$place/secrets/database_url_${1%-worker}")"
        "OPS_ADDRESS=127.0.0.1" "OPS_PORT=$(ops_port "$1")"
        "LOG_LEVEL=${LOG_LEVEL:-info}"
    )
    is_worker "$1" || settings+=("HTTP_ADDRESS=127.0.0.1" "HTTP_PORT=$(http_port "$1")" "TRUSTED_PROXY=127.0.0.1")
    case $1 in
    auth)
        secret signing_key 32 >/dev/null
        settings+=("SIGNING_KEY_SECRET_FILE=$(lend "$place/secrets/signing_key")" DEMO=on LOGIN_BY_QUERY=on COOKIE_SECURE=off) ;;
    imaging) settings+=(OPEN_ELEMENTS=on) ;;
    users) settings+=("TUMOUR_LEGEND=$(lend "$root/services/users/legend/hospital.json")") ;;
    esac
    local name
    for name in ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS LLVM_PROFILE_FILE; do
        [[ -z ${!name:-} ]] || settings+=("$name=${!name}")
    done
}

service_start() { # PROGRAM: or leave it, when neither its program nor its settings have changed
    local fingerprint
    service_settings "$1"
    fingerprint=$( (printf '%s\n' "${settings[@]}"; cat "$bin/mnemos-$1" "$place/secrets/database_url_${1%-worker}") | sha256sum)
    if process_is_current "$1" "$fingerprint"; then say "$1 runs already."; return; fi
    process_stop "$1"
    part_needs_its_ports "$1"
    lower
    process_start "$1" "$fingerprint" "${lowered[@]}" env -i "${settings[@]}" "$(lend "$bin/mnemos-$1" 750)"
    say "$1 started."
}

answers() { curl -fsS -o /dev/null --max-time 3 "$1" 2>/dev/null; }

# A part is a service, a worker, the gateway or postgres.
part_is_ready() {
    case $1 in
    postgres) "$pg_bin/pg_isready" -q -h "$pg_sockets" -p "$database_port" ;;
    gateway) answers "http://127.0.0.1:$gateway_port/" ;;
    *) answers "http://127.0.0.1:$(ops_port "$1")/readyz" ;;
    esac
}

part_port() {
    case $1 in
    postgres) echo "$database_port" ;;
    gateway) echo "$gateway_port" ;;
    *-worker) ops_port "$1" ;;
    *) http_port "$1" ;;
    esac
}

part_needs_its_ports() {
    case $1 in
    postgres) [[ $durable == no ]] || port_must_be_free "$database_port" 'the private PostgreSQL' \
        'choose another one: MNEMOS_DATABASE_PORT=2026 ./dev up' ;;
    gateway)
        port_must_be_allowed "$gateway_port"
        port_must_be_free "$gateway_port" 'the gateway' 'choose another one: ./dev up --port 8081' ;;
    *)
        is_worker "$1" || port_must_be_free "$(http_port "$1")" "the service $1" 'move all services: MNEMOS_SERVICE_PORT_BASE=8200 ./dev up'
        port_must_be_free "$(ops_port "$1")" "the operations of $1" 'move all services: MNEMOS_SERVICE_PORT_BASE=8200 ./dev up' ;;
    esac
}

part_pid() {
    if [[ $1 == postgres ]]; then cluster_pid; else process_pid "$1"; fi
}

part_log() {
    case $1 in
    postgres) echo "$pg_home/log" ;;
    gateway) echo "$place/log/gateway.log" ;;
    *) ops_port "$1" >/dev/null && echo "$place/log/$1.log" ;;
    esac
}

suite_start() {
    local part
    prepare_home
    for part in "${programs[@]}"; do service_start "$part"; done
    gateway_start
    for part in "${programs[@]}" gateway; do wait_until_ready "$part"; done
}

suite_stop() {
    local part stopping=()
    process_stop gateway
    for part in "${programs[@]}"; do process_stop "$part" & stopping+=($!); done
    wait "${stopping[@]}"
}

wait_until_ready() { # PART
    local restarts what='runs but is not ready after 60 seconds'
    restarts=$(process_restarts "$1")
    within 60 settled "$1" "$restarts" || true
    part_is_ready "$1" && return
    ! has_fallen "$1" "$restarts" || what='ended as soon as it was started'
    process_stop "$1"
    tail -n 15 "$place/log/$1.log" >&2 || true
    fail "$1 $what; the end of its log ($place/log/$1.log) is above."
}

settled()    { part_is_ready "$1" || has_fallen "$1" "$2"; }
has_fallen() { process_gone "$1" || (($(process_restarts "$1") > $2)); } # PART RESTARTS-BEFORE

fill_if_empty() { # PEOPLE SEED
    demo_password >/dev/null
    [[ $(admin_psql -At -d "$database" -c 'SELECT EXISTS (SELECT FROM users.person)') == f ]] || return 0
    step "Generating a population of $1 people (seed $2)"
    operate generate --people "$1" --seed "$2" || fail 'The population was not generated; mnemosctl says why above.'
}

operate() { # COMMAND...: mnemosctl as the owner of the database
    secret signing_key 32 >/dev/null
    env -u DATABASE_URL -u DEMO_PASSWORD -u SIGNING_KEY_SECRET DATABASE_URL_FILE="$place/secrets/database_url_owner" \
        DEMO_PASSWORD_FILE="$place/secrets/demo_password" SIGNING_KEY_SECRET_FILE="$place/secrets/signing_key" \
        "$bin/mnemosctl" "$@"
}
