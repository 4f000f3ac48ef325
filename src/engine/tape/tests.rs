use std::io::Write;
use std::path::Path;
use std::sync::OnceLock;

use super::*;

const LEN: usize = (BLOCKS_ON_TAPE + 8) * BLOCK_BYTES + 77;

/// Each MiB is of other bytes.
fn image() -> &'static [u8] {
    static IMAGE: OnceLock<Vec<u8>> = OnceLock::new();
    IMAGE.get_or_init(|| {
        let fill = |index: usize| [index as u8, 1, 2, (index * 31) as u8].repeat(BLOCK_BYTES / 4);
        let mut image: Vec<u8> = (0..=LEN / BLOCK_BYTES).flat_map(fill).collect();
        image.truncate(LEN);
        image
    })
}

fn source(folder: &Path, compressed: bool) -> Arc<Source> {
    let path = folder.join("image");
    let bytes = if compressed {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(image()).unwrap();
        encoder.finish().unwrap()
    } else {
        image().to_vec()
    };
    std::fs::write(&path, bytes).unwrap();
    Arc::new(Source::open(&path).unwrap())
}

fn tape(source: &Arc<Source>, readers: usize, patience: Duration) -> (Arc<Tape>, Vec<TapeReader>) {
    Tape::new(source, readers, Patience { moving: patience, starting: patience }).unwrap()
}

fn read_from(reader: &mut TapeReader, mut at: usize) -> Vec<u8> {
    let (cancel, mut all, mut buf) = (Cancel::new(), Vec::new(), vec![0; 700_000]);
    loop {
        let got = reader.read(at as u64, &mut buf, &cancel).unwrap();
        all.extend_from_slice(&buf[..got]);
        at += got;
        if got < buf.len() {
            reader.finish(&cancel).unwrap();
            return all;
        }
    }
}

#[test]
fn one_that_does_not_move_is_left_behind_and_reads_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    for compressed in [false, true] {
        let source = source(folder.path(), compressed);
        for begun in [false, true] {
            let (tape, mut readers) = tape(&source, 2, Duration::from_millis(100));
            let (mut slow, mut fast) = (readers.remove(0), readers.remove(0));
            let mut first = vec![0; 10];
            if begun {
                slow.read(0, &mut first, &Cancel::new()).unwrap();
            }
            assert!(read_from(&mut fast, 0) == image());
            assert!(tape.state().readers[0].is_none(), "it is still on the tape");
            drop(fast);
            let from = if begun { 10 } else { 0 };
            assert!(read_from(&mut slow, from) == image()[from..], "{compressed}");
        }
    }
}

#[test]
fn without_a_wait_nobody_is_left_behind_and_every_block_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    for compressed in [false, true] {
        let source = source(folder.path(), compressed);
        let (tape, readers) = tape(&source, 3, Duration::from_secs(600));
        std::thread::scope(|scope| {
            for mut reader in readers {
                scope.spawn(move || assert!(read_from(&mut reader, 0) == image()));
            }
        });
        let state = tape.state();
        assert_eq!((state.first, state.blocks.len()), (LEN.div_ceil(BLOCK_BYTES) as u64, 0));
    }
}

#[test]
fn a_full_tape_can_be_cancelled_and_goes_on_when_the_slow_one_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let source = source(folder.path(), false);
    let (_tape, mut readers) = tape(&source, 2, Duration::from_secs(600));
    let (slow, mut fast) = (readers.remove(0), readers.remove(0));
    let cancel = Cancel::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(200));
            cancel.raise();
        });
        let mut all = vec![0; LEN];
        let result = fast.read(0, &mut all, &cancel);
        assert!(matches!(result, Err(EngineError::Cancelled)), "{result:?}");
    });
    drop(slow);
    assert!(read_from(&mut fast, 0) == image());
}

#[test]
fn readers_that_want_other_blocks_get_them_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mib = BLOCK_BYTES as u64;
    for compressed in [false, true] {
        let source = source(folder.path(), compressed);
        let (_tape, mut readers) = tape(&source, 2, Duration::from_millis(100));
        let orders: [&[u64]; 2] = [&[0, 3, 4, 9, 40, 70], &[1, 3, 5, 6, 39, 41, 71]];
        // In turn: nobody waits for anybody.
        for step in 0..7 {
            for (reader, order) in readers.iter_mut().zip(orders) {
                let Some(&index) = order.get(step) else { continue };
                let mut buf = vec![0; 5000];
                reader.read(index * mib + 3, &mut buf, &Cancel::new()).unwrap();
                let at = index as usize * BLOCK_BYTES + 3;
                assert!(buf == image()[at..at + 5000], "{compressed}: {index}");
            }
        }
    }
}
