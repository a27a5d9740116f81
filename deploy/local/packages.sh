# What the suite needs from Debian and from npm. Nothing is asked of the network when nothing is missing.

need_packages() { # PURPOSE... as in packages.txt
    local missing
    mapfile -t missing < <(packages_missing "$@")
    ((${#missing[@]})) || return 0
    if ! command -v apt-get >/dev/null; then
        fail "These packages are missing, and only Debian's apt-get is known here; install their like: ${missing[*]}"
    fi
    if ((EUID != 0)) && ! command -v sudo >/dev/null; then
        fail "These packages are missing and there is no sudo here; run as root: apt-get install --no-install-recommends ${missing[*]}"
    fi
    step "Installing ${#missing[@]} Debian packages: ${missing[*]}"
    as_root true || fail "sudo was refused; have someone run: apt-get install --no-install-recommends ${missing[*]}"
    packages_install "${missing[@]}"
    mapfile -t missing < <(packages_missing "$@")
    ((${#missing[@]} == 0)) || fail "After installing, still missing: ${missing[*]}"
}

packages_missing() { # PURPOSE...
    local purpose package command installed
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p' || true)
    while read -r purpose package command; do
        [[ " $* " == *" $purpose "* ]] || continue
        [[ -z $command ]] || ! command -v "$command" >/dev/null || continue
        grep -qxF -- "$package" <<<"$installed" || echo "$package"
    done < <(packages_table)
}

packages_install() (
    apt=(env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
    trap 'as_root "$root/deploy/local/quiet-install" end' EXIT
    as_root "$root/deploy/local/quiet-install" begin
    quietly 'reading the package lists' as_root "${apt[@]}" update ||
        warn "The package lists could not be brought up to date; trying with those that are here."
    quietly 'installing' as_root "${apt[@]}" install --no-install-recommends --no-remove "$@" ||
        fail "apt-get could not install: $*. Its last words are above."
)

as_root() { if ((EUID == 0)); then "$@"; else sudo "$@"; fi; }

# need_npm_packages pages|tests: `pages` is what the gateway serves, `tests` is that and the tools of journeys and Postman.
need_npm_packages() { with_lock npm npm_packages "$1"; }

npm_packages() {
    local stamp=$root/node_modules/.mnemos-stamp sum only=()
    sum=$(sha256sum <"$root/package-lock.json")
    case $(cat "$stamp" 2>/dev/null) in "$sum tests" | "$sum $1") return 0 ;; esac
    [[ $1 == tests ]] || only=(--omit=dev)
    own_directory "$root/node_modules"
    step 'Installing npm packages'
    quietly 'npm ci' npm ci "${only[@]}" --no-audit --no-fund --no-update-notifier ||
        fail 'npm ci failed; its last words are above. Can the npm registry be reached?'
    echo "$sum $1" >"$stamp"
}

# The command: installs what purposes need, for who wants to have it before.
install_packages() { # [PURPOSE...]
    local purpose known
    known=$(packages_purposes)
    (($#)) || set -- build up
    for purpose in "$@"; do
        grep -qxF -- "$purpose" <<<"$known" || fail "There is no purpose '$purpose'; there are: ${known//$'\n'/ }."
    done
    need_packages "$@"
    say "What $* needs from Debian is installed."
}

packages_purposes() { packages_table | awk '!seen[$1]++ { print $1 }'; }

packages_table() { sed 's/#.*//; /^\s*$/d' "$root/deploy/local/packages.txt"; }
