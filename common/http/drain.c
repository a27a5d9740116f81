#include "common/http/drain_private.h"

#include "common/base/status.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

enum { DRAIN_LIMIT_MS = 30000, DRAIN_STEP_MS = 5, DRAIN_QUIET_MS = 100, QUEUE_EMPTY_MS = 10 };

void drain_clients(const _Atomic int *in_flight)
{
    struct timespec pause = {.tv_nsec = DRAIN_STEP_MS * 1000L * 1000};
    int quiet_ms = 0;
    for (int waited = 0; waited < DRAIN_LIMIT_MS && quiet_ms < DRAIN_QUIET_MS; waited += DRAIN_STEP_MS) {
        nanosleep(&pause, NULL);
        quiet_ms = atomic_load(in_flight) > 0 ? 0 : quiet_ms + DRAIN_STEP_MS;
    }
}

/* The filter drops only segments that open a connection; the client tries again a second later, at a closed port. */
void drain_queue(int listening)
{
    enum { FLAGS_AT = 13, SYN = 0x02, ACK = 0x10 };
    struct sock_filter openings[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_AT),   BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SYN | ACK),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYN, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    struct sock_fprog program = {COUNT(openings), openings};
    struct timespec pause = {.tv_nsec = 1000L * 1000};
    struct tcp_info queue;
    socklen_t size = sizeof queue;
    if (setsockopt(listening, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
        return;
    /* Of a listening socket, tcpi_unacked is the length of its queue. */
    for (int waited = 0, empty = 0; waited < DRAIN_LIMIT_MS && empty < QUEUE_EMPTY_MS; waited++) {
        if (getsockopt(listening, IPPROTO_TCP, TCP_INFO, &queue, &size) != 0)
            return;
        empty = queue.tcpi_unacked == 0 ? empty + 1 : 0;
        nanosleep(&pause, NULL);
    }
}
