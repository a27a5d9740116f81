# Building with a CMake preset.

build() { with_lock "build-$1" build_preset "$@"; } # PRESET [TARGET...]

build_preset() { # PRESET [TARGET...]
    local fresh=() targets=() home
    own_directory "$root/build"
    home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "build/$1/CMakeCache.txt" 2>/dev/null || true)
    [[ -z $home || $home == "$root" ]] || fresh=(--fresh) # the tree was moved or copied
    step "Building ($1)"
    quietly "configuring build/$1" cmake --preset "$1" "${fresh[@]}" || fail 'cmake refused; its last words are above.'
    (($# == 1)) || targets=(--target "${@:2}")
    NINJA_STATUS='[%f/%t, %es] ' cmake --build --preset "$1" "${targets[@]}" || fail "The build failed; the first error is above."
}

c_files() { git -c safe.directory='*' ls-files --cached --others --exclude-standard -- '*.c' '*.h'; }

format() { c_files | tr '\n' '\0' | xargs -0 -r clang-format "$@"; } # OPTIONS
