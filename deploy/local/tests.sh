# The commands about testing: test, check, bench.

passed=0 failed=0 complete=no

run_tests() { # [NAME]
    trap 'tests_end' EXIT
    need_packages up test
    need_npm_packages
    build dev
    throw_away_database
    run_ctest dev "$1"
    run_suites dev "$1" e2e postman fuzz
    ((passed + failed > 0)) || fail "There is no test whose name contains '$1'."
    complete=yes
}

# However a run ends, it cleans up and its last line is the sum; what ended too early counts as a failure.
tests_end() {
    trap '' INT TERM HUP
    [[ $complete == yes ]] || failed=$((failed + 1))
    [[ -z $place ]] || throw_away
    say "$passed passed, $failed failed"
    exit $((failed > 0))
}

# A throw-away PostgreSQL in a directory of its own, with the migrated template.
throw_away_database() {
    (sweep_abandoned)
    step 'Starting a throw-away PostgreSQL'
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
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
    local directory owner
    for directory in /tmp/mnemos-test.*; do
        [[ -O $directory && -e $directory/owner ]] || continue
        owner=$(<"$directory/owner")
        [[ $(process_identity "${owner%% *}") != "$owner" ]] || continue
        say "Removing $directory, left by a test run that was killed."
        place=$directory durable=no database_port=5432
        cluster_locate
        throw_away
    done
}

# run_ctest PRESET [NAME]: adds to passed and failed
run_ctest() {
    local log=$place/log/ctest.log code=0 total=0 bad=0 only=() launcher=()
    step "C tests ($1)"
    [[ -z ${2:-} ]] || only=(-R "$2")
    [[ $1 != tsan ]] || ! setarch -R true 2>/dev/null || launcher=(setarch -R) # its shadow memory dislikes much randomness
    "${launcher[@]}" ctest --test-dir "build/$1" --output-on-failure --timeout 300 -j2 "${only[@]}" 2>&1 | tee "$log" || code=1
    read -r bad total < <(sed -nE 's/^.* tests passed, ([0-9]+) tests? failed out of ([0-9]+)$/\1 \2/p' "$log") || true
    ((code == 0 || bad > 0)) || bad=1 total=$((total + 1)) # ctest itself has failed
    passed=$((passed + total - bad)) failed=$((failed + bad))
}

# run_suites PRESET PART-OF-NAME SUITE...: those of the suites that are here and meant
run_suites() {
    local preset=$1 name=$2 suite
    shift 2
    for suite in "$@"; do
        if [[ $suite == *"$name"* && -x $root/tests/$suite/run ]]; then "run_$suite" "$preset"; fi
    done
}

run_e2e()     { step "Journeys through the gateway (e2e, $1)"; run_suite e2e "$1" 10; }
run_postman() { step "The Postman collection (postman, $1)"; run_suite postman "$1" 5; }

run_fuzz() {
    export MNEMOS_FUZZ_SECONDS=${MNEMOS_FUZZ_SECONDS:-30}
    step "Fuzz targets, $MNEMOS_FUZZ_SECONDS seconds each (fuzz)"
    build fuzz
    run_suite fuzz fuzz 15
}

# A suite that is a program, tests/NAME/run; it finds the executables in BIN_DIR and the database by TEST_DATABASE_URL.
# Its last line may say `N passed, M failed`; otherwise it counts as one test.
run_suite() { # NAME PRESET MINUTES
    local log=$place/log/$1.log code=0
    BIN_DIR=$root/build/$2/bin timeout --foreground "$3m" "$root/tests/$1/run" 2>&1 </dev/null | tee "$log" || code=${PIPESTATUS[0]}
    [[ -z $(tail -c 1 "$log") ]] || echo
    ((code != 124)) || warn "$1 was ended after $3 minutes."
    if [[ $(tail -n 1 "$log") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
        ((code == 0 || BASH_REMATCH[2] > 0)) || failed=$((failed + 1))
    elif ((code == 0)); then passed=$((passed + 1))
    else failed=$((failed + 1))
    fi
}

run_checks() {
    trap 'tests_end' EXIT
    need_packages up test check
    need_npm_packages
    stage 'Format (./dev fmt puts it right)' format --dry-run -Werror
    stage 'Shell scripts (shellcheck)' lint_shell
    stage 'Warnings are errors (strict)' build strict
    stage 'clang-tidy' tidy
    local preset
    for preset in dev tsan coverage; do build "$preset"; done
    throw_away_database
    find build/coverage -name '*.gcda' -delete
    for preset in dev tsan coverage; do run_ctest "$preset"; done
    for preset in dev coverage; do run_suites "$preset" '' e2e postman; done
    stage 'Line coverage of common/ and services/, at least 85%' coverage
    complete=yes
}

# stage TITLE COMMAND...: counts as one test; a failing one does not keep the next from telling what it finds.
stage() {
    step "$1"
    if ("${@:2}"); then passed=$((passed + 1)); else failed=$((failed + 1)); warn "$1: failed."; fi
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

run_bench() { # [jobs | import | survival | simulation | mmse] [ARGUMENTS of the program in tests/bench that measures]
    case ${1:-} in
    jobs)
        need_packages up bench
        build release bench_jobs
        exec "$root/tests/bench/jobs" "${@:2}"
        ;;
    import)
        need_packages up test
        build release test_users_tumour_import_size
        exec "$root/tests/bench/import" "${@:2}"
        ;;
    survival | mmse)
        need_packages up "$1"
        build release "bench_$1"
        exec "$root/tests/bench/$1" "${@:2}"
        ;;
    simulation)
        need_packages up simulation
        build release bench_survival
        exec "$root/build/release/bin/bench_survival" simulation
        ;;
    esac
    need_packages up bench
    build release services/all
    exec "$root/tests/bench/run" "$@"
}
