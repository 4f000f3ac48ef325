//! Floor 5: walks a Plan over a device. Blocking calls that use threads inside and leave none behind.
