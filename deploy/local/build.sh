# Building with a CMake preset.

build() { # PRESET [TARGET...]
    local purposes
    read -ra purposes <<<"$(preset_purposes "$1")"
    need_packages "${purposes[@]}"
    with_lock "build-$1" build_preset "$@"
}

# What a preset of CMakePresets.json configures; those that test say so there by MNEMOS_TESTS.
preset_purposes() { # PRESET
    case $1 in
    release) echo build ;;
    fuzz) echo build fuzz ;;
    *) echo build test ;;
    esac
}

build_preset() { # PRESET [TARGET...]
    local targets=()
    step "Building ($1)"
    configure_preset "$1"
    (($# == 1)) || targets=(--target "${@:2}")
    NINJA_STATUS='[%f/%t, %es] ' cmake --build --preset "$1" "${targets[@]}" || fail "The build failed; the first error is above."
}

configure_preset() { # PRESET
    local fresh=() home
    own_directory "$root/build"
    home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "build/$1/CMakeCache.txt" 2>/dev/null || true)
    [[ -z $home || $home == "$root" ]] || fresh=(--fresh) # the tree was moved or copied
    quietly "configuring build/$1" cmake --preset "$1" "${fresh[@]}" || fail 'cmake refused; its last words are above.'
}

c_files() { git -c safe.directory='*' ls-files --cached --others --exclude-standard -- '*.c' '*.h'; }

format() { c_files | tr '\n' '\0' | xargs -0 -r clang-format "$@"; } # OPTIONS
