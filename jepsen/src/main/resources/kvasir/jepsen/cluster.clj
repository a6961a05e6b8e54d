(ns kvasir.jepsen.cluster
  "Kvasir on this machine: one process a node, started by the launcher that users have, in a folder of its own on
  free ports. Processes are found by the number and start time in their folder's lock, never by name."
  (:require [clojure.java.io :as io]
            [clojure.string :as string]
            [kvasir.jepsen.db :as db]
            [kvasir.jepsen.random :as random]
            [kvasir.jepsen.resp :as resp])
  (:import (java.io File IOException)
           (java.net InetAddress InetSocketAddress ServerSocket)
           (java.nio.file Files Path)
           (java.util List Optional)
           (java.util.concurrent TimeUnit)))

(set! *warn-on-reflection* true)

(def ^:private memory-mib-per-node 640)
(def ^:private command-seconds-max 150)
(def ^:private signal-millis-max 10000)
(def ^:private start-wait-millis-max
  "The nemesis waits this long for a node that it starts, so that the next fault finds it serving; without a majority it
  takes longer, and starts on its own."
  15000)

(defn- property [name]
  (or (System/getProperty name)
      (throw (ex-info "start this with ./kvasir, which says where the program is" {:missing name}))))

(defn- launcher-command []
  (let [lib (io/file (property "kvasir.lib"))
        jar (first (filter #(string/starts-with? (.getName ^File %) "tools-") (.listFiles lib)))]
    [(str (System/getProperty "java.home") "/bin/java") "-XX:TieredStopAtLevel=1" "-XX:+UseSerialGC" "-Xmx64m"
     (str "-Dkvasir.root=" (property "kvasir.root")) (str "-Dkvasir.lib=" lib)
     "-cp" (str jar) "io.kvasir.tools.launch.Kvasir"]))

(defn- launch ^Process [directory words]
  (let [log (File/createTempFile "launcher-" ".log" (io/file directory "launcher"))]
    (-> (ProcessBuilder. ^List (concat (launcher-command) words [(str "--dir=" (io/file directory "cluster"))]))
        (.redirectErrorStream true)
        (.redirectOutput log)
        (.start))))

(defn- launcher
  "Runs a command of the launcher and returns its exit code; throws if it takes too long."
  [directory & words]
  (let [process (launch directory words)]
    (when-not (.waitFor process command-seconds-max TimeUnit/SECONDS)
      (.destroyForcibly process)
      (throw (ex-info "a command of the launcher has not ended in time" {:command words})))
    (.exitValue process)))

(defn- launcher!
  "Runs a command of the launcher; throws if it fails or takes too long."
  [directory & words]
  (when-not (zero? (long (apply launcher directory words)))
    (throw (ex-info "the launcher refused" {:command words :logs (str (io/file directory "launcher"))}))))

(defn- free? [port]
  (try (with-open [probe (ServerSocket.)]
         (.bind probe (InetSocketAddress. (InetAddress/getLoopbackAddress) (int port)))
         true)
       (catch IOException _ false)))

(defn- free-ports
  "A port that is free with those after it, one a node, and those 1000 and 2000 above."
  [nodes]
  (or (first (filter (fn [port]
                       (every? free? (for [i (range nodes) more [0 1000 2000]] (+ (long port) (long i) (long more)))))
                     (repeatedly 100 #(+ 10000 (random/long-below 20000)))))
      (throw (ex-info "no free ports between 10000 and 32000" {}))))

;; --- Processes ---

(defn- stat
  "Fields of /proc/PID/stat from the third on, nil if there is no such process."
  [pid]
  (try (let [text (Files/readString (Path/of "/proc" (into-array String [(str pid) "stat"])))]
         (string/split (string/trim (subs text (+ 2 (long (string/last-index-of text ")"))))) #" "))
       (catch IOException _ nil)))

(defn- node-folder ^File [cluster i] (io/file (:directory cluster) "cluster" (str "node-" i)))

(defn- process-of
  "[pid start-ticks state] of the process that serves a node, nil if none does."
  [cluster i]
  (let [lock (io/file (node-folder cluster i) "lock")]
    (when (.exists lock)
      (let [[pid ticks] (string/split (string/trim (slurp lock)) #" ")
            fields (when (seq pid) (stat pid))]
        (when (and fields (= ticks (nth fields 19)) (not= "Z" (first fields)))
          [(parse-long pid) (parse-long ticks) (first fields)])))))

(defn- await-until [millis-max condition]
  (let [end (+ (System/nanoTime) (* 1000000 (long millis-max)))]
    (loop []
      (or (condition)
          (when (< (System/nanoTime) end)
            (Thread/sleep 20)
            (recur))))))

(defn- signal! [pid name]
  (let [words (into-array String ["/bin/sh" "-c" (str "kill -" name " " pid)])
        process (.start (ProcessBuilder. ^"[Ljava.lang.String;" words))]
    (.waitFor process signal-millis-max TimeUnit/MILLISECONDS)))

(defn- index-of [test node] (.indexOf ^List (:nodes test) node))

;; --- Who leads ---

(def ^:private region-line #"region_(\d+):first_slot=\d+,term=(\d+)")

(defn- led
  "{region term} that a node says it leads."
  [host port]
  (try (let [connection (resp/connect host port 1000)]
         (try (let [info (resp/call connection "INFO" "everything")]
                (if (string? info)
                  (into {} (for [[_ region term] (re-seq region-line info)] [region (parse-long term)]))
                  {}))
              (finally (resp/close! connection))))
       (catch IOException _ {})))

(defn- answers-writes? [[host port]]
  (try (let [connection (resp/connect host port 3000)]
         (try (let [replies (resp/pipeline connection (for [i (range 64)] ["SET" (str "serving:" i) "1"]))]
                (every? #{"OK"} replies))
              (finally (resp/close! connection))))
       (catch IOException _ false)))

(defn- delete-all [^File file]
  (when (.isDirectory file)
    (run! delete-all (.listFiles file)))
  (Files/deleteIfExists (.toPath file)))

(defrecord Cluster [directory port ranges up ^Thread ending]
  db/Address
  (address [_ test node] ["127.0.0.1" (+ (long port) (long (index-of test node)))])
  (await-serving [db test millis-max]
    (let [missing (atom (set (:nodes test)))
          serves? #(answers-writes? (db/address db test %))]
      (await-until millis-max #(empty? (swap! missing (fn [left] (into #{} (remove serves?) left)))))
      @missing))

  db/Replicas
  (compare-replicas [_ _]
    (case (long (launcher directory "verify"))
      0 :equal
      2 :different
      :not-compared))

  db/DB
  (setup! [_ _ _] @up)
  (teardown! [db test node]
    (db/kill! db test node)
    (when (= node (peek (:nodes test)))
      (.removeShutdownHook (Runtime/getRuntime) ending)
      (delete-all (io/file directory))))

  db/Kill
  (kill! [db test node]
    (let [i (index-of test node)]
      (if-let [[pid ticks] (process-of db i)]
        (let [^Optional handle (java.lang.ProcessHandle/of (long pid))]
          (when (.isPresent handle) (.destroyForcibly ^java.lang.ProcessHandle (.get handle)))
          (if (await-until signal-millis-max #(not= [pid ticks] (take 2 (process-of db i))))
            {:killed pid}
            {:outlives-kill pid}))
        :not-running)))
  (start! [db test node]
    (let [i (index-of test node)]
      (if-let [[pid] (process-of db i)]
        {:runs pid}
        (let [launch (launch directory ["node" "start" (str i)])
              served? (.waitFor launch start-wait-millis-max TimeUnit/MILLISECONDS)
              [pid] (process-of db i)]
          (cond (and served? (zero? (.exitValue launch))) {:serves pid}
                served? {:ended-at-start pid}
                :else {:starting pid})))))

  db/Pause
  (pause! [db test node]
    (let [i (index-of test node)]
      (if-let [[pid] (process-of db i)]
        (do (signal! pid "STOP")
            (if (await-until signal-millis-max #(= "T" (peek (or (process-of db i) ["T"]))))
              {:stopped pid}
              {:not-stopped pid}))
        :not-running)))
  (resume! [db test node]
    (if-let [[pid _ state] (process-of db (index-of test node))]
      (do (signal! pid "CONT")
          (if (= "T" state) {:resumed pid} {:was-running pid}))
      :not-running))

  db/Primary
  (primaries [db test]
    (let [claims (for [node (:nodes test)
                       :let [process (process-of db (index-of test node))]
                       :when (and process (not= "T" (peek process)))
                       [region term] (apply led (db/address db test node))]
                   [region term node])]
      (vec (distinct (for [[_ of] (group-by first claims)] (peek (apply max-key second of)))))))
  (setup-primary! [_ _ _] nil)

  db/LogFiles
  (log-files [db test node]
    (let [folder (node-folder db (index-of test node))]
      (filter #(.isFile ^File %) (concat (.listFiles (io/file folder "log")) (.listFiles ^File folder))))))

(defn cluster
  "A cluster of nodes with ranges below directory, which is made. It is started once, by the first setup!. However
  this process ends but by SIGKILL, the nodes end as well."
  [directory nodes ranges settings]
  (let [port (free-ports nodes)
        directory (io/file directory)
        up (delay
             (apply launcher! directory "up" "--detach"
                    (str "--nodes=" nodes) (str "--ranges=" ranges) (str "--port=" port)
                    (str "--memory=" (* (long nodes) (long memory-mib-per-node)) "MiB")
                    (mapcat (fn [setting] ["--set" setting]) settings)))
        names (mapv #(str "n" (inc (long %))) (range nodes))]
    (.mkdirs (io/file directory "launcher"))
    (let [holder (promise)
          ending (Thread. ^Runnable (fn []
                                      (let [db @holder]
                                        (doseq [node names] (db/kill! db {:nodes names} node)))))
          db (->Cluster directory port ranges up ending)]
      (deliver holder db)
      (.addShutdownHook (Runtime/getRuntime) ending)
      db)))
