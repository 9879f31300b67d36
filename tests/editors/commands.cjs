// SPDX-License-Identifier: Apache-2.0
// One test for each command that the server announces.
"use strict";

exports.commands = {};
