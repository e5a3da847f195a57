# README's C program, as it stands there, with a model of every preset and kind.
load helper

sound=$SPECRNN_SOURCE_ROOT/tests/golden/sweep_48k.wav

# same_frames: what the program printed is what encode gives, but for the frames that only a flush would bring.
same_frames() {
  /usr/bin/python3 - <<'PYTHON'
import numpy as np
streamed = np.loadtxt("streamed.txt", ndmin=2)
whole = np.load("whole.npz")
n = len(streamed)
assert 0 <= len(whole["times"]) - n < 40, (len(whole["times"]), n)
assert (streamed[:, 0] == whole["times"][:n]).all(), "times differ"
assert (streamed[:, 1:].astype(np.float32) == whole["layer1"][:n]).all(), "states differ"
PYTHON
}

# near_frames: as many, and finite; a running maximum is not the maximum of the whole.
near_frames() {
  /usr/bin/python3 - <<'PYTHON'
import numpy as np
streamed = np.loadtxt("streamed.txt", ndmin=2)
whole = np.load("whole.npz")
n = len(streamed)
assert 0 <= len(whole["times"]) - n < 40, (len(whole["times"]), n)
assert (streamed[:, 0] == whole["times"][:n]).all(), "times differ"
assert np.isfinite(streamed).all() and abs(streamed[:, 1:]).max() > 0.01
PYTHON
}

@test "README's program runs with every preset and kind, and says once what stands for the whole maximum" {
  local preset kind told
  told='warning: the front end asks for the maximum of the whole input, which a stream does not know: the running'
  told+=' maximum stands for it (to choose this: SPECRNN_PIPELINE_MAXIMUM_RUNNING, or ..._FIXED)'
  for preset in librosa torchaudio kaldi whisper; do
    for kind in stft mel mfcc; do
      call model init -o voice.safetensors --preset $preset --kind $kind --hidden-size 4
      equal "$status" 0
      call encode "$sound" --model voice.safetensors -o whole.npz
      equal "$status" 0
      run --separate-stderr "$SPECRNN_SAMPLES/../tests/cli/readme_program" "$sound"
      equal "$status" 0
      printf '%s\n' "$output" >streamed.txt
      if [[ $stderr == *"$told"* ]]; then
        printf '%s %s\n' $preset $kind >>running.txt
        near_frames
      else
        same_frames
      fi
      [[ ${stderr//"$told"/} != *maximum* ]] || explain "$stderr"
    done
  done
  equal "$(tr '\n' ',' <running.txt)" 'librosa stft,librosa mel,librosa mfcc,torchaudio mfcc,whisper stft,whisper mel,whisper mfcc,'
}
