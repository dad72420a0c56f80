//! Waiting for sockets or for an instant, whichever comes first, to some microseconds.

use std::io;
use std::time::Duration;

use mio::{Events, Poll};

use crate::load::call::Nanos;

/// The last stretch before an instant is waited for awake: waking takes a while.
const AWAKE: Nanos = 30_000;

/// Waits for events until an instant. Where the system has timers of its own these wake it; elsewhere a millisecond is the
/// finest sleep, and the rest is waited for awake.
#[derive(Debug)]
pub(super) struct Timer {
    #[cfg(target_os = "linux")]
    alarm: std::os::fd::OwnedFd,
}

impl Timer {
    #[cfg(target_os = "linux")]
    pub(super) fn new(poll: &Poll, token: mio::Token) -> io::Result<Timer> {
        use std::os::fd::AsRawFd;

        use mio::unix::SourceFd;
        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};

        let alarm =
            timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        poll.registry().register(&mut SourceFd(&alarm.as_raw_fd()), token, mio::Interest::READABLE)?;
        Ok(Timer { alarm })
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn new(_: &Poll, _: mio::Token) -> io::Result<Timer> {
        Ok(Timer {})
    }

    /// Waits for events, but not much longer than so many nanoseconds.
    pub(super) fn wait(&self, poll: &mut Poll, events: &mut Events, left: Nanos) -> io::Result<()> {
        let waited = if left <= AWAKE {
            poll.poll(events, Some(Duration::ZERO))
        } else {
            let timeout = self.set(left - AWAKE)?;
            poll.poll(events, timeout)
        };
        match waited {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            waited => waited,
        }
    }

    /// Sets the alarm; the time after which to wake without one.
    #[cfg(target_os = "linux")]
    fn set(&self, left: Nanos) -> io::Result<Option<Duration>> {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};

        let left = Timespec { tv_sec: (left / 1_000_000_000) as i64, tv_nsec: (left % 1_000_000_000) as _ };
        let never = Timespec { tv_sec: 0, tv_nsec: 0 };
        timerfd_settime(
            &self.alarm,
            TimerfdTimerFlags::empty(),
            &Itimerspec { it_interval: never, it_value: left },
        )?;
        Ok(None)
    }

    #[cfg(not(target_os = "linux"))]
    fn set(&self, left: Nanos) -> io::Result<Option<Duration>> {
        Ok(Some(Duration::from_millis(left / 1_000_000)))
    }
}
