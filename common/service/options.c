/* The options of a service's program. Each prints something or asks something, and ends. */
#include "common/base/address.h"
#include "common/http/openapi.h"
#include "common/service/service_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int print_settings(const struct service *service)
{
    struct service_handle *h = service_handle_new(service);
    puts("| setting | default | what |\n|---|---|---|");
    settings_print(h->table, stdout);
    if (service->settings)
        settings_print(service->settings, stdout);
    service_handle_drop(h);
    return EXIT_SUCCESS;
}

static int print_openapi(const struct service *service)
{
    json_t *document = openapi_document(service->name, service->summary, service->routes);
    if (!document)
        return EXIT_FAILURE;
    json_dumpf(document, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    putchar('\n');
    json_decref(document);
    return EXIT_SUCCESS;
}

/* Where the operations port is reached from here: an address that stands for all is one of loopback. */
static int connect_to_operations(const struct service_settings *s)
{
    struct address address;
    struct sockaddr_storage at;
    struct timeval limit = {.tv_sec = 3};
    address_read(s->ops_address, &address);
    if (address_is_any(&address))
        address_read(address_is_v4(&address) ? "127.0.0.1" : "::1", &address);
    socklen_t size = address_with_port(&address, (int)s->ops_port, &at);
    int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&at, size) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Asks this service's operations port, as a container's health check. */
static int check_ready(const struct service *service)
{
    static const char question[] = "GET /readyz HTTP/1.0\r\n\r\n";
    char reply[16] = "";
    struct service_handle *h = service_handle_for_operations(service);
    int fd = settings_read(h->table, &h->settings, stderr) ? connect_to_operations(&h->settings) : -1;
    bool ready = fd >= 0 && send(fd, question, sizeof question - 1, MSG_NOSIGNAL) > 0 &&
                 recv(fd, reply, sizeof reply - 1, MSG_WAITALL) > 12 && strncmp(reply + 8, " 200", 4) == 0;
    if (fd >= 0)
        close(fd);
    service_handle_drop(h);
    puts(ready ? "ready" : "not ready");
    return ready ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int print_routes(const struct service *service)
{
    routes_print(service->routes, stdout);
    return EXIT_SUCCESS;
}

static int print_access(const struct service *service)
{
    routes_print_access(service->routes, stdout);
    return EXIT_SUCCESS;
}

static int print_version(const struct service *service)
{
    printf("mnemos-%s %s\n", service->name, MNEMOS_VERSION);
    return EXIT_SUCCESS;
}

static int check_settings(const struct service *service)
{
    return service_check_settings(service) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int print_help(const struct service *service);

static const struct {
    const char *name;
    int (*act)(const struct service *service);
    const char *summary;
    bool of_api; /* which workers have none of */
} options[] = {
    {"--help", print_help, "this text"},
    {"--version", print_version, "name and version"},
    {"--settings", print_settings, "the settings, read from the environment"},
    {"--routes", print_routes, "the API as a table", .of_api = true},
    {"--access", print_access, "the roles that may call each route, and for whose data, as a table", .of_api = true},
    {"--openapi", print_openapi, "the API as an OpenAPI 3.1 document", .of_api = true},
    {"--check", check_ready, "ask the running service on OPS_PORT if it is ready"},
    {"--check-settings", check_settings, "report errors in the settings; exit 0 if there are none"},
};

static bool has_option(const struct service *service, size_t i)
{
    return !options[i].of_api || !service_is_worker(service);
}

static int print_help(const struct service *service)
{
    printf("mnemos-%s: %s\n\nWithout an option it %s until SIGTERM. Settings come from the environment.\n\n",
           service->name, service->summary, service_is_worker(service) ? "works" : "serves");
    for (size_t i = 0; i < COUNT(options); i++)
        if (has_option(service, i))
            printf("  %-16s %s\n", options[i].name, options[i].summary);
    return EXIT_SUCCESS;
}

int service_main(const struct service *service, int argc, char **argv)
{
    if (argc < 2)
        return service_run(service);
    for (size_t i = 0; i < COUNT(options) && argc == 2; i++)
        if (has_option(service, i) && strcmp(options[i].name, argv[1]) == 0)
            return options[i].act(service);
    fprintf(stderr, "mnemos-%s does not know %s; see mnemos-%s --help\n", service->name, argv[argc > 2 ? 2 : 1],
            service->name);
    return EXIT_FAILURE;
}
