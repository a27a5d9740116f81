# The commands about testing: test, check, fuzz, bench.

# What `./dev test` consists of, in this order. Each suite is a function run_NAME; what it needs from Debian is in
# suite_purposes. C tests and fuzz targets can be named one by one.
suites=(format shell warnings migrations units e2e postman fuzz bench bare)

passed=0 failed=0 skipped=0 complete=no
chosen=()       # suites
chosen_units=() # C tests; none means all
chosen_fuzz=()  # fuzz targets; none means all
narrowed=''     # a part of the names within the one suite

run_tests() { # [NAME [PART]]
    local suite purposes=()
    [[ -z ${option[again]:-} ]] || { whole_number again 1 1000; suites=(units); }
    end_with tests_end
    choose_tests "${1:-}" "${2:-}"
    for suite in "${chosen[@]}"; do purposes+=("$(suite_purposes "$suite")"); done
    read -ra purposes <<<"${purposes[*]}"
    need_packages "${purposes[@]}"
    for suite in "${chosen[@]}"; do "run_$suite" dev; done
    complete=yes
}

suite_purposes() { # SUITE
    case $1 in
    format | shell) echo lint ;;
    warnings) echo build test ;;
    units) echo build up test ;;
    migrations) echo up ;;
    e2e) echo build up test e2e ;;
    postman) echo build up test ;;
    fuzz) echo build fuzz ;;
    bench) echo build up test ;;
    bare) echo up bare ;;
    esac
}

# A suite by its name; or all C tests, fuzz targets and suites whose name contains NAME.
choose_tests() { # NAME PART
    local suite
    if [[ -z $1 || " ${suites[*]} " == *" $1 "* ]]; then
        chosen=("${suites[@]}") narrowed=$2
        [[ -z $1 ]] || chosen=("$1")
        [[ -z $2 || ! $1 =~ ^(format|shell|warnings|migrations)$ ]] || fail "The suite $1 has no parts."
        return
    fi
    [[ -z $2 ]] || fail "'$1' is no suite that '$2' could be a part of; the suites are: ${suites[*]}."
    mapfile -t chosen_units < <(unit_names | grep -F -- "$1")
    mapfile -t chosen_fuzz < <(cd tests/fuzz && printf '%s\n' fuzz_*.c | sed 's/\.c$//' | grep -F -- "$1")
    for suite in "${suites[@]}"; do
        case $suite in
        units) ((${#chosen_units[@]})) || continue ;;
        fuzz) ((${#chosen_fuzz[@]})) || continue ;;
        *) [[ $suite == *"$1"* ]] || continue ;;
        esac
        chosen+=("$suite")
    done
    ((${#chosen[@]})) || fail "There is no test whose name contains '$1'."
}

script_tests=(floors floors_refuses names image_libraries gateway_paths one_list)

# As tests/CMakeLists.txt names them.
unit_names() {
    printf '%s\n' tests/unit/test_*.c tests/api/*/test_*.c |
        sed -E 's,^tests/unit/(.*)\.c$,\1,; s,^tests/api/([^/]*)/test_(.*)\.c$,test_\1_\2,'
    printf '%s\n' "${script_tests[@]}"
}

# However a run ends, it cleans up and its last line is the sum; what ended too early counts as a failure.
tests_end() {
    trap '' INT TERM HUP
    attended_end
    [[ $complete == yes ]] || failed=$((failed + 1))
    [[ -z $place ]] || throw_away
    local more=''
    ((skipped == 0)) || more=", $skipped skipped"
    say "$passed passed, $failed failed$more"
    exit $((failed > 0))
}

need_throw_away_database() { [[ -n $place ]] || throw_away_database; }

# A throw-away PostgreSQL in a directory of its own, with the migrated template.
throw_away_database() {
    (sweep_abandoned)
    step 'Starting a throw-away PostgreSQL'
    use_throw_away_place
    cluster_start
    database_prepare
    quietly 'migrating' migrate
    quietly 'verifying that each migration still holds after the later ones' run_sqitch verify
    admin_psql -d postgres -c "ALTER DATABASE $database WITH IS_TEMPLATE true ALLOW_CONNECTIONS false"
    export TEST_DATABASE_URL="host=$pg_sockets port=$database_port user=postgres dbname=postgres"
}

throw_away() {
    cluster_stop || true
    rm -rf "$place"
}

# What a killed `./dev test` left behind.
sweep_abandoned() {
    local directory left
    mapfile -t left < <(abandoned /tmp/mnemos-test.*)
    for directory in "${left[@]}"; do
        say "Removing $directory, left by a test run that was killed."
        place=$directory durable=no database_port=5432
        cluster_locate
        throw_away
    done
}

# stage TITLE COMMAND...: counts as one test; a failing one does not keep the next from telling what it finds.
stage() {
    step "$1"
    if ("${@:2}"); then passed=$((passed + 1)); else failed=$((failed + 1)); warn "$1: failed."; fi
}

run_format()   { stage 'Format (./dev fmt puts it right)' format --dry-run -Werror; }
run_shell()    { stage 'Shell scripts (shellcheck)' lint_shell; }
run_warnings() { stage 'Warnings are errors (strict)' build strict; }

run_migrations() {
    need_throw_away_database
    stage 'Every migration can be taken back and made again' migrate_back_and_forth
}

# In a database of its own, so that nothing has been there before.
migrate_back_and_forth() {
    database=mnemos_back_and_forth
    database_make
    quietly 'deploying' run_sqitch deploy --verify || return
    schema >"$place/schema"
    quietly 'reverting' run_sqitch revert -y || return
    nothing_is_left || return
    quietly 'deploying again' run_sqitch deploy --verify || return
    diff "$place/schema" <(schema) || { warn 'The second time made something else than the first.'; return 1; }
}

schema() {
    "$pg_bin/pg_dump" --schema-only --exclude-schema=sqitch -h "$pg_sockets" -p "$database_port" -U postgres "$database" |
        grep -vE "^.(un)?restrict " # a random word of each dump
}

# What the owner still has after everything was taken back, but for sqitch's own schema.
nothing_is_left() {
    local left
    left=$(admin_psql -At -d "$database" -c "SELECT nspname FROM pg_namespace
        WHERE pg_get_userbyid(nspowner) = 'mnemos_owner' AND nspname <> 'sqitch'")
    [[ -z $left ]] || { warn "Reverting leaves schemas behind: ${left//$'\n'/, }."; return 1; }
}

run_units() { # PRESET: the chosen C tests, or all, of build/PRESET
    local targets=()
    ((${#chosen_units[@]} == 0)) || mapfile -t targets < <(printf '%s\n' services/all "${chosen_units[@]}" | grep -vxF "${script_tests[@]/#/-e}")
    build "$1" "${targets[@]}"
    need_throw_away_database
    run_ctest "$1"
}

# run_ctest PRESET: adds to passed and failed
run_ctest() {
    local log=$place/log/ctest.log code=0 total=0 bad=0 only=() launcher=() names
    step "C tests ($1)"
    names=${chosen_units[*]}
    [[ -z $names ]] || only=(-R "^(${names// /|})\$")
    [[ -z $narrowed ]] || only=(-R "$narrowed")
    [[ -z ${option[again]:-} ]] || only+=(--repeat "until-fail:${option[again]}")
    [[ $1 != tsan ]] || ! setarch -R true 2>/dev/null || launcher=(setarch -R) # its shadow memory dislikes much randomness
    attended_by "$log" "${launcher[@]}" timeout -k 60 85m ctest --test-dir "build/$1" --no-tests=error --output-on-failure \
        --timeout 1800 -j "$(nproc)" "${only[@]}" || code=1
    read -r bad total < <(sed -nE 's/^.* tests passed, ([0-9]+) tests? failed out of ([0-9]+)$/\1 \2/p' "$log") || true
    ((code == 0 || bad > 0)) || bad=1 total=$((total + 1)) # ctest itself has failed
    passed=$((passed + total - bad)) failed=$((failed + bad))
}

run_e2e()     { run_through_gateway e2e "$1" 'Journeys through the gateway' 30; }
run_postman() { run_through_gateway postman "$1" 'The Postman collection' 20; }

run_through_gateway() { # SUITE PRESET TITLE MINUTES
    need_npm_packages tests
    build "$2" services/all
    need_throw_away_database
    step "$3 ($1, $2)"
    run_suite "$1" "$2" "$4" ${narrowed:+"$narrowed"}
}

run_fuzz() {
    [[ -z $narrowed ]] || chosen_fuzz=("fuzz_${narrowed#fuzz_}")
    build fuzz "${chosen_fuzz[@]}"
    step 'Fuzz targets, the same runs each time (fuzz)'
    run_suite fuzz fuzz 30 "${chosen_fuzz[@]}"
}

run_bench() {
    build strict
    step 'Benches, what they do and no figures (bench)'
    run_suite bench strict 30 ${narrowed:+"$narrowed"}
}

run_bare() {
    step 'From nothing (bare)'
    run_suite bare release 45 ${narrowed:+"$narrowed"}
}

# A suite that is a program, tests/NAME/run; it finds the executables in BIN_DIR and the database by
# TEST_DATABASE_URL. Its last line may say `N passed, M failed, K skipped`; otherwise it counts as one test.
run_suite() { # NAME PRESET MINUTES [ARGUMENTS]
    local log code=0
    log=$(mktemp)
    BIN_DIR=$root/build/$2/bin attended_by "$log" timeout -k 60 "$3m" "$root/tests/$1/run" "${@:4}" || code=$?
    [[ -z $(tail -c 1 "$log") ]] || echo
    ((code != 124)) || warn "$1 was ended after $3 minutes."
    if [[ $(tail -n 1 "$log") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)?$ ]]; then
        passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) skipped=$((skipped + ${BASH_REMATCH[4]:-0}))
        ((code == 0 || BASH_REMATCH[2] > 0)) || failed=$((failed + 1))
        ((BASH_REMATCH[1] + BASH_REMATCH[2] + ${BASH_REMATCH[4]:-0} > 0)) ||
            { warn "The suite $1 has nothing of that name."; failed=$((failed + 1)); }
    elif ((code == 0)); then passed=$((passed + 1))
    else failed=$((failed + 1))
    fi
    rm -f "$log"
}

run_checks() {
    local preset
    end_with tests_end
    need_packages build up test lint e2e check
    run_format
    run_shell
    run_warnings
    stage 'clang-tidy' tidy
    for preset in dev tsan coverage; do build "$preset"; done
    find build/coverage -name '*.gcda' -delete
    for preset in dev tsan coverage; do run_units "$preset"; done
    run_migrations
    for preset in dev coverage; do run_e2e "$preset"; run_postman "$preset"; done
    stage 'Line coverage of common/ and services/, at least 85%' coverage
    complete=yes
}

run_fuzzing() { # [TARGET]
    local way=(--endless)
    [[ -z ${option[seconds]:-} ]] || { whole_number seconds 1 1000000; way=(--seconds "${option[seconds]}"); }
    build fuzz ${1:+"fuzz_${1#fuzz_}"}
    own_directory "$root/.local"
    FUZZ_KEEP=$root/.local/fuzz BIN_DIR=$root/build/fuzz/bin exec "$root/tests/fuzz/run" "${way[@]}" ${1:+"$1"}
}

lint_shell() { shell_files | xargs -d '\n' -r shellcheck; }

tidy() {
    c_files | grep -E '^(common|services)/.*\.c$' | tr '\n' '\0' |
        xargs -0 -r -n 1 -P "$(nproc)" timeout 300 clang-tidy -p build/strict --quiet --warnings-as-errors='*' 2>&1 |
        { grep -vE '^[0-9]+ warnings? generated' || true; }
}

coverage() {
    gcovr --root "$root" --filter common/ --filter services/ --object-directory build/coverage \
        --exclude-directories '.*CompilerIdC.*' --fail-under-line 85 -j "$(nproc)"
}

shell_files() {
    git -c safe.directory='*' ls-files --cached --others --exclude-standard |
        while read -r file; do
            if [[ $file == *.sh || $(head -n 1 "$file" | tr -d '\0') =~ ^#!.*/(ba)?sh ]]; then echo "$file"; fi
        done
}

bench_kinds=(plain jobs import survival simulation mmse)

bench_purposes() { # KIND: beside what it is built with
    case $1 in
    plain) echo build test up bench ;;
    jobs | import) echo build test up ;;
    survival | mmse) echo build test "$1" ;;
    simulation) echo build test ;;
    esac
}

bench() { # [KIND] [ARGUMENTS of the program in tests/bench that measures]
    local kind=plain target
    [[ ${1:---} == --* ]] || { kind=$1; shift; }
    target=bench_$kind
    case $kind in
    plain) target=services/all ;;
    import) target=test_users_tumour_import_size ;;
    simulation) target=bench_survival ;;
    jobs | survival | mmse) ;;
    *) fail "There is no bench '$kind'; there are: ${bench_kinds[*]}." ;;
    esac
    build strict "$target"
    exec "$root/tests/bench/$kind" "$@"
}
