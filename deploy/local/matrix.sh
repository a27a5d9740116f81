# The command about the written access matrix: services/auth/ACCESS.md, whose tables the services print.

access_matrix() {
    build dev services/all
    local page=$root/services/auth/ACCESS.md new
    new=$(mktemp)
    write_tables "$page" >"$new"
    cat "$new" >"$page" # keeps owner and mode
    rm -f "$new"
    say "${page#"$root/"} has the tables that the services print. Review every cell that changed: git diff"
}

# write_tables PAGE: the page with what each service prints between its two markers, which one that is new gets at the end. A
# test holds the page against it.
write_tables() {
    local line table=no service
    while IFS= read -r line; do
        [[ $table == no ]] || [[ $line == '<!-- end -->' ]] || continue
        table=no
        printf '%s\n' "$line"
        [[ $line =~ ^'<!-- mnemos-'([a-z]+)' --access -->'$ ]] || continue
        "$root/build/dev/bin/mnemos-${BASH_REMATCH[1]}" --access
        table=yes
    done < <(cat "$1"; for service in "${services[@]}"; do has_table "$1" "$service" || new_table "$service"; done)
}

has_table() { grep -q "^<!-- mnemos-$2 --access -->$" "$1"; } # PAGE SERVICE
new_table() { printf '\n## %s\n\n<!-- mnemos-%s --access -->\n<!-- end -->\n' "$1" "$1"; }
