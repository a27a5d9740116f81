#include "services/ctl/progress.h"

#include <stdio.h>
#include <unistd.h>

struct progress progress_begin(const char *what, long total)
{
    return (struct progress){.what = what, .total = total};
}

void progress_step(struct progress *p)
{
    p->done++;
    int percent = (int)(p->done * 100 / p->total);
    if (percent == p->shown_percent)
        return;
    p->shown_percent = percent;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%3d%% of %ld %s", percent, p->total, p->what);
    else if (percent % 10 == 0)
        fprintf(stderr, "%3d%% of %ld %s\n", percent, p->total, p->what);
}

void progress_end(struct progress *p, const char *next)
{
    const char *line_end = p->done > 0 && isatty(STDERR_FILENO) ? "\n" : "";
    fprintf(stderr, "%s%s\n", line_end, next);
}
