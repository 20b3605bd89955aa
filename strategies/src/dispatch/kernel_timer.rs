//! Waiting with a timer of the kernel (timerfd_create(2)).

use std::io;
use std::time::Duration;

use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

use crate::sys::readiness;

/// Waits with a resolution of microseconds. Tokio's timers tick in milliseconds and round up, so a sleep of
/// 100 microseconds would take up to two milliseconds. They also give every wait of the runtime a time
/// limit, for which the kernel sets a timer each time.
pub(crate) async fn sleep(time: Duration) {
    // No descriptor may be left.
    if !time.is_zero() && wait(time).await.is_err() {
        tokio::time::sleep(time).await;
    }
}

async fn wait(time: Duration) -> io::Result<()> {
    let timer = TimerFd::new(
        ClockId::CLOCK_MONOTONIC,
        TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC,
    )?;
    timer.set(Expiration::OneShot(time.into()), TimerSetTimeFlags::empty())?;
    let timer = readiness::watch(timer.into())?;
    let _expired = timer.readable().await?;
    Ok(())
}
