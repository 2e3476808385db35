/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * faulty - an echo that does what a broken or hostile service might do.
 */
#ifndef TESTS_SYSTEM_FAULTY_FAULTY_H
#define TESTS_SYSTEM_FAULTY_FAULTY_H

#include "worker/service/service.h"

extern const struct service service_faulty;

#endif
