//! Several things at once: writing one page and planning the next, planning on all cores.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use model::CsId;

use super::draft::Moment;
use super::facts::{Facts, Question};
use super::plan::{Fresh, Plan, plan};
use crate::limits::PLANS_PER_THREAD_MIN;
use crate::setup::Policy;

/// Carries out both on one thread, `a` first wherever both could go on.
pub(super) async fn both<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut first, mut second) = (None, None);
    poll_fn(move |context| {
        if first.is_none()
            && let Poll::Ready(output) = a.as_mut().poll(context)
        {
            first = Some(output);
        }
        if second.is_none()
            && let Poll::Ready(output) = b.as_mut().poll(context)
        {
            second = Some(output);
        }
        match (first.take(), second.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            waiting => {
                (first, second) = waiting;
                Poll::Pending
            }
        }
    })
    .await
}

/// Plans objects on all cores: plans are pure, so it makes no difference on which.
pub(super) fn plan_each(
    policy: Policy<'_>,
    facts: &Facts,
    moment: Moment<'_>,
    objects: &[CsId],
    fresh: &BTreeMap<CsId, Fresh>,
) -> Vec<(CsId, Result<Plan, Question>)> {
    let plan_some = |objects: &[CsId]| -> Vec<_> {
        let one = |id: &CsId| (*id, plan(policy, facts, moment, *id, fresh.get(id).copied()));
        objects.iter().map(one).collect()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = objects.len().div_ceil(cores).max(PLANS_PER_THREAD_MIN);
    let Some((own, others)) = objects.split_at_checked(share) else { return plan_some(objects) };
    std::thread::scope(|scope| {
        let plan_some = &plan_some;
        let threads: Vec<_> =
            others.chunks(share).map(|part| scope.spawn(move || plan_some(part))).collect();
        let mut plans = plan_some(own);
        for thread in threads {
            match thread.join() {
                Ok(part) => plans.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        plans
    })
}
