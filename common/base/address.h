/* Addresses and networks of IPv4 and IPv6.
 *
 * IPv4 is kept within IPv6, as ::ffff:192.0.2.1, which is also how a socket for both shows its clients of IPv4. So all
 * addresses are compared in one way, and one that came as IPv4 within IPv6 is IPv4. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct address {
    unsigned char bytes[16];
};

/* The text is an address and nothing else: no port, brackets, zone or network. */
bool address_read(const char *text, struct address *out);

/* The address of a peer; false for NULL and for what is neither IPv4 nor IPv6. */
bool address_of(const struct sockaddr *peer, struct address *out);

/* As IPv4, or as RFC 5952 wants IPv6 spelled. */
enum { ADDRESS_SIZE = 46 };
void address_print(const struct address *a, char out[ADDRESS_SIZE]);

bool address_is_v4(const struct address *a); /* its four bytes are the last ones */
bool address_is_any(const struct address *a);
bool address_is_loopback(const struct address *a);

/* That port of it, for bind and connect; the size of what out holds. */
socklen_t address_with_port(const struct address *a, int port, struct sockaddr_storage *out);
int address_port(const struct sockaddr_storage *at);

struct network {
    struct address base;
    int bits; /* of base that its addresses have in common */
};

/* "192.0.2.0/24", "2001:db8::/32", or an address alone: itself. Bits after the prefix do not count. */
bool network_read(const char *text, struct network *out);

/* Networks of IPv6 have no address of IPv4: ::/0 is everything of IPv6, 0.0.0.0/0 everything of IPv4. */
bool network_has(const struct network *n, const struct address *a);

/* A list of networks, separated by spaces or commas. False when one of them is none, or they are too many. */
enum { NETWORKS_MAX = 64 };
struct networks {
    size_t count;
    struct network items[NETWORKS_MAX];
};
bool networks_read(const char *text, struct networks *out);
bool networks_have(const struct networks *list, const struct address *a);
