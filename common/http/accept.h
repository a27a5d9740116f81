/* Ranks media types by the Accept header of a client (RFC 9110, 12.5.1). */
#pragma once

/* The rank of a media type such as "image/png": 0 is not acceptable, and more is better. The most specific range
 * decides by its q-value (image/png before an image of any kind, and that before anything at all); of two types with
 * equal q-values, one that is named ranks above one that is only not excluded. Parameters other than q make no
 * difference, malformed ranges are ignored. No header, or an empty one: anything is acceptable. */
int accept_rank(const char *accept, const char *media_type);
