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
    done < <(sed 's/#.*//; /^\s*$/d' "$root/deploy/local/packages.txt")
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

need_npm_packages() { with_lock npm npm_packages; }

npm_packages() {
    local lock=$root/package-lock.json stamp=$root/node_modules/.mnemos-stamp
    [[ -e $lock ]] || return 0
    [[ $(sha256sum <"$lock") != "$(cat "$stamp" 2>/dev/null)" ]] || return 0
    own_directory "$root/node_modules"
    step 'Installing npm packages'
    quietly 'npm ci' npm ci --no-audit --no-fund --no-update-notifier ||
        fail 'npm ci failed; its last words are above. Can the npm registry be reached?'
    sha256sum <"$lock" >"$stamp"
}
