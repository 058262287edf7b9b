// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/base/rtt.h"

struct rtt rtt_of(uint32_t first, uint32_t least, uint32_t most)
{
	return (struct rtt){.rto = first, .least = least, .most = most};
}

void rtt_measured(struct rtt *r, uint32_t ms)
{
	int32_t m = (int32_t)(ms < r->most ? ms : r->most);
	int32_t error = m - (int32_t)(r->srtt8 >> 3);

	if (r->srtt8 == 0) {
		r->srtt8 = (uint32_t)m << 3 | 1; // not 0 again
		r->rttvar4 = (uint32_t)m << 1;
	} else {
		r->srtt8 += (uint32_t)error;
		r->rttvar4 += (uint32_t)((error < 0 ? -error : error) - (int32_t)(r->rttvar4 >> 2));
	}
	r->rto = (r->srtt8 >> 3) + (r->rttvar4 > r->least / 2 ? r->rttvar4 : r->least / 2);
	if (r->rto < r->least)
		r->rto = r->least;
	if (r->rto > r->most)
		r->rto = r->most;
}

void rtt_back_off(struct rtt *r)
{
	r->rto = r->rto > r->most / 2 ? r->most : r->rto * 2;
}
