# The private PostgreSQL of a place. It never runs as root, never touches a PostgreSQL of the system, and outlives the
# crash of any of its processes but the first one, which ./dev up starts anew.

pg_bin='' pg_home='' pg_data='' pg_sockets='' pg_user=''

# Where the cluster is and who runs it: whoever owns its data; for a new one the caller, or `postgres` when that is root.
cluster_locate() {
    local entry=700
    ! runs_as_service_user || entry=711 # the services are somebody else, who passes through to the socket
    pg_home=$place/postgres
    mkdir -p "$pg_home" && chmod "$entry" "$pg_home"
    pg_user=$(id -un)
    if ((EUID == 0)); then
        pg_user=$(stat -c %U "$pg_home")
        [[ $pg_user != root ]] || pg_user=postgres
        chown "$pg_user" "$pg_home"
        if ! as_postgres test -w "$pg_home"; then
            pg_home=/var/lib/postgresql/mnemos-$(short_hash "$place")
            install -d -m "$entry" -o "$pg_user" "$pg_home"
        fi
    fi
    pg_data=$pg_home/data pg_sockets=$pg_home/socket
    if ((${#pg_sockets} > 90)); then # the kernel takes 107 bytes, of which the socket's own name needs up to 15
        pg_sockets=/tmp/mnemos-$(short_hash "$place")
        [[ ! -L $pg_sockets ]] || fail "$pg_sockets is a symbolic link that someone else made: remove it."
    fi
    as_postgres mkdir -p -m "$entry" "$pg_sockets"
    as_postgres chmod "$entry" "$pg_sockets"
    [[ $(stat -c %U "$pg_sockets") == "$pg_user" ]] || fail "$pg_sockets does not belong to $pg_user: remove it."
    cluster_find_programs
}

cluster_exists() { [[ -d $place/postgres && -d /usr/lib/postgresql ]] && cluster_locate; }

short_hash() { sha256sum <<<"$1" | cut -c 1-8; }

as_postgres() {
    if ((EUID != 0)); then "$@"; return; fi
    (cd / && exec setpriv --reuid="$pg_user" --regid="$(id -g "$pg_user")" --init-groups "$@")
}

cluster_find_programs() {
    local version
    if version=$(as_postgres cat "$pg_data/PG_VERSION" 2>/dev/null); then
        pg_bin=/usr/lib/postgresql/$version/bin
        [[ -x $pg_bin/postgres ]] || fail "$pg_data was made by PostgreSQL $version: install postgresql-$version, or begin anew by removing that directory."
        return 0 # in an EXIT trap a bare return would pass on how the program ended
    fi
    pg_bin=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
    pg_bin=${pg_bin%/initdb}
    [[ -n $pg_bin ]] || fail 'PostgreSQL is not installed: apt-get install postgresql.'
}

cluster_start() {
    local changed=no
    cluster_locate
    as_postgres test -e "$pg_data/PG_VERSION" || cluster_create
    cluster_configure || changed=yes
    if cluster_pid >/dev/null; then
        if [[ $changed == no ]]; then say "PostgreSQL runs already, on port $database_port."; return; fi
        cluster_stop
    fi
    cluster_clear_remnants
    part_needs_its_ports postgres
    if ! as_postgres "$pg_bin/pg_ctl" -s -w -t 120 -D "$pg_data" -l "$pg_home/log" start </dev/null >/dev/null 2>&1 8>&-; then
        as_postgres tail -n 15 "$pg_home/log" >&2
        fail "PostgreSQL did not start; the end of its log ($pg_home/log) is above."
    fi
    [[ $durable == no ]] || say "PostgreSQL is up, on port $database_port and on the socket in $pg_sockets."
}

cluster_create() {
    step "Creating a PostgreSQL cluster in $pg_data"
    as_postgres rm -rf "$pg_data.new"
    local options=(--username=postgres --auth=peer --encoding=UTF8 --locale=C.UTF-8 --data-checksums)
    [[ $durable == yes ]] || options+=(--no-sync)
    quietly 'initdb' as_postgres "$pg_bin/initdb" "${options[@]}" -D "$pg_data.new" || fail 'initdb failed; its last words are above.'
    as_postgres tee -a "$pg_data.new/postgresql.conf" >/dev/null <<<"include 'mnemos.conf'"
    as_postgres mv "$pg_data.new" "$pg_data"
}

# Fails when the settings a running server was started with have changed.
cluster_configure() {
    local before after
    before=$(as_postgres cat "$pg_data/mnemos.conf" 2>/dev/null || true)
    after=$(cluster_settings)
    as_postgres tee "$pg_data/mnemos.conf" >/dev/null <<<"$after"
    cluster_access | as_postgres tee "$pg_data/pg_hba.conf" >/dev/null
    printf 'operator %s postgres\n' root "$pg_user" "$(id -un)" | sort -u | as_postgres tee "$pg_data/pg_ident.conf" >/dev/null
    [[ $before == "$after" ]]
}

cluster_settings() {
    printf "port = %s\nunix_socket_directories = '\"%s\"'\n" "$database_port" "${pg_sockets//\'/\'\'}"
    printf '%s\n' 'max_connections = 200' 'log_error_verbosity = terse'
    if [[ $durable == yes ]]; then
        echo "listen_addresses = '127.0.0.1'"
    else
        printf '%s\n' "listen_addresses = ''" 'fsync = off' 'full_page_writes = off' 'wal_level = minimal' 'max_wal_senders = 0'
    fi
}

cluster_access() {
    if [[ $durable == yes ]]; then
        printf '%s\n' 'local all postgres peer map=operator' 'local all all scram-sha-256' 'host all all 127.0.0.1/32 scram-sha-256'
    else
        echo 'local all all trust' # the socket's directory is closed to others
    fi
}

# The postmaster of exactly this data directory: a pid file alone may be stale and its pid someone else's.
cluster_pid() {
    local pid
    pid=$(as_postgres head -n 1 "$pg_data/postmaster.pid" 2>/dev/null) || return 1
    cluster_processes | grep -x "$pid"
}

cluster_processes() {
    # shellcheck disable=SC2016
    as_postgres bash -c 'for process in /proc/[0-9]*; do
        if [[ $process/cwd -ef $1 && $(<"$process/comm") == postgres ]]; then echo "${process#/proc/}"; fi
    done 2>/dev/null; true' - "$pg_data"
}

# After a killed postmaster: its backends notice and end, the lock files stay.
cluster_clear_remnants() {
    if ! within 5 cluster_is_idle; then
        cluster_processes | as_postgres xargs -r kill -QUIT 2>/dev/null || true
        within 10 cluster_is_idle || fail "Processes of an earlier PostgreSQL do not end: $(cluster_processes | xargs)."
    fi
    as_postgres rm -f "$pg_data/postmaster.pid" "$pg_sockets/.s.PGSQL.$database_port" "$pg_sockets/.s.PGSQL.$database_port.lock"
}

cluster_is_idle() { [[ -z $(cluster_processes) ]]; }

cluster_stop() {
    if cluster_pid >/dev/null; then
        as_postgres "$pg_bin/pg_ctl" -s -w -t 60 -D "$pg_data" -m fast stop ||
            as_postgres "$pg_bin/pg_ctl" -s -w -t 60 -D "$pg_data" -m immediate stop
    fi
    [[ $pg_sockets != /tmp/mnemos-* ]] || as_postgres rm -rf "$pg_sockets"
}

# psql as superuser, by the right of being the operator.
admin_psql() { "$pg_bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$pg_sockets" -p "$database_port" -U postgres "$@"; }

database_prepare() {
    local role passwords=''
    for role in owner "${services[@]}"; do passwords+="${passwords:+, }\"$role\": \"$(secret "database_$role")\""; done
    {
        printf "\\\\set passwords '{%s}'\n" "$passwords"
        cat "$root/deploy/database/roles.sql"
    } | admin_psql -d postgres -f -
    database_make
    database_write_urls
}

database_make() {
    admin_psql -d postgres -v database="$database" -v services="${services[*]}" -f "$root/deploy/database/database.sql"
}

# Connection strings and a password file for libpq's programs; they travel as files, never as arguments.
database_write_urls() {
    local role host
    host=$(url_encode "$pg_sockets")
    for role in owner "${services[@]}"; do
        printf 'postgresql://mnemos_%s:%s@/%s?host=%s&port=%s' "$role" "$(secret "database_$role")" \
            "$database" "$host" "$database_port" | write_secret "database_url_$role"
        printf '*:*:*:mnemos_%s:%s\n' "$role" "$(secret "database_$role")"
    done | write_secret pgpass
}

url_encode() {
    local LC_ALL=C i char
    for ((i = 0; i < ${#1}; i++)); do
        char=${1:i:1}
        if [[ $char == [A-Za-z0-9/._-] ]]; then printf %s "$char"; else printf '%%%02X' "'$char"; fi
    done
}

# as_role ROLE COMMAND...: with libpq's environment of that login role
as_role() {
    local role=$1
    shift
    env PGHOST="$pg_sockets" PGPORT="$database_port" PGUSER="mnemos_$role" PGPASSFILE="$place/secrets/pgpass" "$@"
}

run_sqitch() {
    (cd "$root/migrations" &&
        as_role owner env PGDATABASE="$database" SQITCH_FULLNAME=Mnemos SQITCH_EMAIL=mnemos@localhost sqitch "$@" 'db:pg:')
}

migrate() {
    run_sqitch deploy --verify && return
    [[ $durable == no ]] || say "If a migration was edited after it had been applied here: ./dev down, remove $pg_home, ./dev up."
    fail 'A migration failed and was taken back; sqitch says above which and why.'
}
