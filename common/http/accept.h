/* Which of several media types a client wants: the Accept header (RFC 9110, 12.5.1). */
#pragma once

/* How welcome a media type such as "image/png" is: 0 not at all, otherwise the more the better. The range that
 * describes it best decides by its q-value (image/png before an image of any kind, and that before anything at all); of
 * two types that are as welcome, the one that is named is preferred to the one that is only not excluded. Parameters
 * other than q make no difference, ranges that are none are passed over. No header, or an empty one: anything is
 * welcome. */
int accept_rank(const char *accept, const char *media_type);
