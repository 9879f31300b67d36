/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/attestation_type.h"
