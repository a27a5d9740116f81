# A place is where a database and what runs over it keep themselves: state, executables, ports. `./dev up` uses .local/
# and the well-known ports, `./dev test` a directory in /tmp and a socket; all other files here work in either.

mapfile -t services < <(awk '/^[^#]/ { print $1 }' "$root/services/list")
workers=() # each with the database role of its service, and no port but that of operations
for service in "${services[@]}"; do
    [[ ! -e $root/services/$service/worker_main.c ]] || workers+=("$service-worker")
done
programs=("${services[@]}" "${workers[@]}")

place=''            # directory of secrets, logs, pid files, gateway and (where PostgreSQL's user can reach it) data
home=''             # directory of what services and gateway read and write: the place, or as root one for their user
bin=''              # directory of the executables
durable=''          # yes: fsync, passwords and a TCP port; no: a throw-away cluster, socket only
database=''         # name of the database
database_port=''
gateway_port=''
service_port_base='' # services listen on base+1... and base+1001... (operations), workers on base+1011...

use_local_place() {
    place=$root/.local bin=$root/build/release/bin durable=yes database=mnemos
    own_directory "$place"
    gateway_port=8080 database_port=2025 service_port_base=8100
    # shellcheck source=/dev/null
    [[ ! -e $place/ports ]] || . "$place/ports"
    ran_on="$gateway_port $database_port $service_port_base"
    gateway_port=${option[port]:-$gateway_port}
    database_port=${MNEMOS_DATABASE_PORT:-$database_port}
    service_port_base=${MNEMOS_SERVICE_PORT_BASE:-$service_port_base}
    prepare_place
}

# The ports of a running suite hold for all commands until `down`.
remember_ports() { printf '%s=%s\n' gateway_port "$gateway_port" database_port "$database_port" service_port_base "$service_port_base" >"$place/ports"; }
forget_ports()   { rm -f "$place/ports"; }

ran_on=''
part_keeps_its_ports() { # PART: when it runs, does it run where it is to be?
    local gateway base database
    read -r gateway database base <<<"$ran_on"
    case $1 in
    gateway) [[ $gateway == "$gateway_port" ]] ;;
    postgres) [[ $database == "$database_port" ]] ;;
    *) [[ $base == "$service_port_base" ]] ;;
    esac
}

own_directory() {
    mkdir -p "$1" 2>/dev/null || [[ -d $1 ]] || fail "$1 cannot be made: the tree belongs to $(stat -c %U "$root")."
    [[ -O $1 ]] || fail "$1 belongs to $(stat -c %U "$1"): run ./dev as that user, or remove the directory."
}

use_throw_away_place() {
    place=$(mktemp -d /tmp/mnemos-test.XXXXXX) durable=no database=mnemos_template
    chmod 755 "$place"
    process_identity $$ >"$place/owner"
    database_port=5432
    prepare_place
}

prepare_place() {
    mkdir -p "$place"/{run,log,secrets}
    chmod 700 "$place/secrets"
    home=$place
    ! runs_as_service_user || home=/var/lib/mnemos-$(short_hash "$place")
}

# Root runs services and gateway as a user who may do nothing else, not even enter the tree: what they read is put into
# `home`. Everybody else runs them as himself.
service_user=mnemos
runs_as_service_user() { ((EUID == 0)) && [[ $durable == yes ]]; }

prepare_home() {
    mkdir -p "$home/gateway/run" "$home/log"
    runs_as_service_user || return 0
    id "$service_user" >/dev/null 2>&1 ||
        useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$service_user" ||
        fail "The user $service_user, who runs the services, cannot be made."
    chmod 711 "$home" "$home/gateway" "$home/log"
    install -d -m 750 -g "$service_user" "$home/lent"
    chown "$service_user:$service_user" "$home/gateway/run"
}

return_what_was_lent() { ! runs_as_service_user || rm -rf "$home/lent"; }

remove_home() { [[ $home == "$place" ]] || rm -rf "$home"; }

# lend FILE [MODE]: prints where the services find the file.
lend() {
    local lent=$home/lent/${1##*/}
    if ! runs_as_service_user; then echo "$1"; return; fi
    install -m "${2:-640}" -g "$service_user" "$1" "$lent"
    echo "$lent"
}

# The words before a command that make it a part of the suite: it ends with its supervisor and, of root, keeps no power.
lowered=()
lower() { # [PORT]: one that only root may listen on stays allowed
    lowered=(setpriv --pdeathsig TERM)
    runs_as_service_user || return 0
    local kept=-all
    ((${1:-1024} >= 1024)) || kept=-all,+net_bind_service
    lowered+=(--reuid="$service_user" --regid="$service_user" --clear-groups --no-new-privs
        --bounding-set="$kept" --inh-caps="$kept" --ambient-caps="$kept")
}

http_port() { port_of "$1" 0; }
ops_port() { # PROGRAM: a worker's is ten behind that of its service
    if is_worker "$1"; then port_of "${1%-worker}" 1010; else port_of "$1" 1000; fi
}
is_worker() { [[ " ${workers[*]} " == *" $1 "* ]]; }
port_of() { # SERVICE OFFSET
    local i
    for i in "${!services[@]}"; do
        [[ ${services[i]} != "$1" ]] || { echo $((service_port_base + 1 + i + $2)); return; }
    done
    fail "There is no service called $1; there are: ${programs[*]}."
}

port_must_be_free() { # PORT PURPOSE WHAT-TO-DO
    local line holder=''
    line=$(ss -Hltnp "sport = :$1" | head -n 1)
    [[ -n $line ]] || return 0
    [[ $line =~ \(\(\"([^\"]+)\",pid=([0-9]+) ]] && holder=" by ${BASH_REMATCH[1]} (process ${BASH_REMATCH[2]})"
    fail "Port $1, wanted for $2, is in use$holder: stop that program, or $3."
}

port_must_be_allowed() { # PORT
    local lowest
    lowest=$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null || echo 1024)
    ((EUID == 0 || $1 >= lowest)) || fail "Port $1 is for root only: choose one from $lowest on, or run ./dev up as root."
}

# secret NAME [BYTES]: prints the secret of this place; the first use makes it at random.
secret() {
    [[ -s $place/secrets/$1 ]] || random_hex "${2:-24}" | write_secret "$1"
    cat "$place/secrets/$1"
}

demo_password() {
    [[ -s $place/secrets/demo_password ]] || random_hex 8 | sed 's/..../&-/g; s/-$//' | write_secret demo_password
    cat "$place/secrets/demo_password"
}

write_secret() { (umask 077; cat >"$place/secrets/$1.new"; mv "$place/secrets/$1.new" "$place/secrets/$1"); } # NAME

random_hex() { od -An -v -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }

# One command at a time changes a thing; the others wait for it.
with_lock() { # NAME COMMAND...
    local file=$root/.local/$1.lock
    shift
    own_directory "$root/.local"
    {
        if ! flock -n 8; then
            say "Another ./dev is at the same work; waiting for it."
            flock -w 900 8 || fail "The other ./dev did not end in 15 minutes: look at it with 'fuser -v $file'."
        fi
        "$@"
    } 8>"$file"
}
