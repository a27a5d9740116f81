/* Addresses and networks of IPv4 and IPv6.
 *
 * IPv4 is kept within IPv6, as ::ffff:192.0.2.1, as a socket for both shows its IPv4 clients, too. So all addresses are
 * compared in one way, and an address that came as IPv4 within IPv6 is IPv4. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct address {
    unsigned char bytes[16];
};

/* The text is an address and nothing else: no port, brackets, zone or network. */
bool address_read(const char *text, struct address *out);

/* The address of a peer; false for NULL and for any family but IPv4 and IPv6. */
bool address_of(const struct sockaddr *peer, struct address *out);

/* IPv4 in dotted form, IPv6 in the spelling of RFC 5952. */
enum { ADDRESS_SIZE = 46 };
void address_print(const struct address *a, char out[ADDRESS_SIZE]);

bool address_is_v4(const struct address *a); /* its four bytes are the last ones */
bool address_is_any(const struct address *a);
bool address_is_loopback(const struct address *a);

/* Fills out with the address and port, for bind and connect; returns the size used. */
socklen_t address_with_port(const struct address *a, int port, struct sockaddr_storage *out);
int address_port(const struct sockaddr_storage *at);

struct network {
    struct address base;
    int bits; /* leading bits of base that its addresses share */
};

/* "192.0.2.0/24", "2001:db8::/32", or a single address. Bits after the prefix do not count. */
bool network_read(const char *text, struct network *out);

/* A network of IPv6 holds no address of IPv4: ::/0 is all of IPv6, 0.0.0.0/0 all of IPv4. */
bool network_has(const struct network *n, const struct address *a);

/* A list of networks, separated by spaces or commas. False when an item is no network, or there are too many. */
enum { NETWORKS_MAX = 64 };
struct networks {
    size_t count;
    struct network items[NETWORKS_MAX];
};
bool networks_read(const char *text, struct networks *out);
bool networks_have(const struct networks *list, const struct address *a);
