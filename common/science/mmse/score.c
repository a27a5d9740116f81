#include "common/science/mmse/score.h"

#include <math.h>

const char *const score_band_names[SCORE_BANDS] = {"0-9", "10-18", "19-23", "24-26", "27-30"};

int score_band(double score)
{
    static const double begin[SCORE_BANDS] = {0, 10, 19, 24, 27};
    int band = SCORE_BANDS - 1;
    while (band > 0 && score < begin[band])
        band--;
    return band;
}

double score_clip(double score)
{
    return fmin(fmax(score, 0), SCORE_MAX);
}
