/* SPDX-License-Identifier: Apache-2.0 */
/* Making an instance ready: its names, and what the state holds of it. */
#ifndef SERVE_INSTANCE_H
#define SERVE_INSTANCE_H

#include "serve/service.h"

/* Fills in *result from the options and the state. False: *reason says why. */
bool instance_open(arena *a, service *s, const instance_options *options,
                   instance *result, const char **reason);
void instance_close(instance *i);

const char *service_mode_name(service_mode mode);

#endif
