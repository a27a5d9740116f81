# Speaking to the person at the terminal, and reading what the person typed.

say()  { printf '%s\n' "$*"; }
step() { if [[ -t 1 ]]; then printf '\e[1m==> %s\e[0m\n' "$*"; else printf '==> %s\n' "$*"; fi; }
warn() { printf 'dev: %s\n' "$*" >&2; }
fail() { warn "$*"; exit 1; }

# quietly TITLE COMMAND...: the command's output goes to a log that is shown only when it fails; dots tell that it works.
quietly() {
    local title=$1 log ticker code=0
    shift
    log=$(mktemp)
    printf '%s ' "$title"
    (while sleep 2 && kill -0 $$ 2>/dev/null; do printf .; done) 8>&- &
    ticker=$!
    ("$@") >"$log" 2>&1 </dev/null || code=$?
    kill "$ticker" 2>/dev/null; wait "$ticker" 2>/dev/null || true
    if ((code == 0)); then say ' done'; else say ' failed'; tail -n 40 "$log" >&2; fi
    rm -f "$log"
    return "$code"
}

# take_options "port: yes" ARGUMENTS...: fills option[port] (a colon means: has a value) and option[yes]; what is no
# option becomes arguments.
declare -A option=()
take_options() {
    local known=" $1 " name
    shift
    while (($#)); do
        name=${1#--}; name=${name%%=*}
        if [[ $1 != --* ]]; then arguments+=("$1"); shift
        elif [[ $known == *" $name "* ]]; then option[$name]=yes; shift
        elif [[ $known != *" $name: "* ]]; then fail "--$name is no option of this command; see ./dev help $command."
        elif [[ $1 == --*=* ]]; then option[$name]=${1#*=}; shift
        elif (($# > 1)); then option[$name]=$2; shift 2
        else fail "--$name needs a value; see ./dev help $command."
        fi
    done
}

at_most_arguments() {
    ((${#arguments[@]} <= $1)) || fail "${arguments[$1]} is one argument too many; see ./dev help $command."
}

# whole_number OPTION LOWEST HIGHEST
whole_number() {
    local value=${option[$1]:-$2}
    if ! [[ $value =~ ^[0-9]{1,9}$ ]] || ((10#$value < $2 || 10#$value > $3)); then
        fail "--$1 must be a whole number from $2 to $3."
    fi
}

confirm() {
    [[ ${option[yes]:-} == yes ]] && return
    [[ -t 0 ]] || fail "$1 Nobody is here to ask: repeat the command with --yes."
    local answer
    read -rp "$1 Go on? [y/N] " answer
    [[ $answer == [yY]* ]] || fail "Nothing was changed."
}
