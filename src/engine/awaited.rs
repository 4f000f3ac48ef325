//! A result that one thread comes to and several wait for.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::base::Cancel;

use super::EngineError;
use super::pool::CANCEL_POLL;

/// The waiting ends; clones wait for the same result.
pub(super) struct Awaited<T>(Arc<Slot<T>>);

/// The end that gives the result. Dropped without one, it says that its thread ended without a word.
pub(super) struct Promise<T>(Arc<Slot<T>>);

struct Slot<T> {
    result: Mutex<Option<Result<T, Arc<EngineError>>>>,
    there: Condvar,
}

impl<T> Clone for Awaited<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Clone> Awaited<T> {
    pub fn new() -> (Promise<T>, Self) {
        let slot = Arc::new(Slot { result: Mutex::new(None), there: Condvar::new() });
        (Promise(Arc::clone(&slot)), Self(slot))
    }

    pub fn wait(&self, cancel: &Cancel) -> Result<T, EngineError> {
        let mut result = self.0.result.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match &*result {
                Some(Ok(value)) => return Ok(value.clone()),
                Some(Err(error)) => return Err(EngineError::OfAll(Arc::clone(error))),
                None => cancel.check()?,
            }
            let waited = self.0.there.wait_timeout(result, CANCEL_POLL);
            result = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl<T> Promise<T> {
    pub fn keep(self, result: Result<T, Arc<EngineError>>) {
        self.set(result);
    }

    /// The first result counts.
    fn set(&self, result: Result<T, Arc<EngineError>>) {
        self.0.result.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(result);
        self.0.there.notify_all();
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        self.set(Err(Arc::new(EngineError::Internal("the image's hasher"))));
    }
}
