# The gateway of a place: nginx with a configuration printed by deploy/gateway/render, run from the place's own folder.

gateway_start() {
    local folder=$home/gateway fingerprint
    "$root/deploy/gateway/assemble" "$folder/www" "$bin" || fail 'The pages of the gateway could not be put together; the reason is above.'
    gateway_render "$folder" >"$folder/nginx.conf" || fail 'The configuration of nginx could not be made; the reason is above.'
    fingerprint=$(sha256sum <"$folder/nginx.conf")
    if process_is_current gateway "$fingerprint"; then say 'gateway runs already.'; return; fi
    process_stop gateway
    part_needs_its_ports gateway
    set_aside "$home/log/gateway-access.log"
    : >"$home/log/gateway-access.log"
    ! runs_as_service_user || chown "$service_user:" "$home/log/gateway-access.log"
    lower "$gateway_port"
    process_start gateway "$fingerprint" "${lowered[@]}" \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin nginx -e stderr -p "$folder/run" -c "$folder/nginx.conf" -g 'daemon off;'
    say 'gateway started.'
}

gateway_render() { # FOLDER
    local name upstreams=()
    for name in "${services[@]}"; do upstreams+=("${name^^}_UPSTREAM=127.0.0.1:$(http_port "$name")"); done
    env "${upstreams[@]}" GATEWAY_ADDRESS=127.0.0.1 GATEWAY_PORT="$gateway_port" GATEWAY_USER='' WWW_ROOT="$1/www" \
        RUN_DIR="$1/run" ERROR_LOG=stderr ACCESS_LOG="$home/log/gateway-access.log" "$root/deploy/gateway/render"
}
